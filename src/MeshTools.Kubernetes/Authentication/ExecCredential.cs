namespace MeshTools.Kubernetes;

/// <summary>
/// The credential of one plugin. Parallel requests share one run; a run is killed when the last one waiting for it gives up.
/// </summary>
internal sealed class ExecCredential : ICredentialSource
{
    private readonly ExecPlugin _plugin;
    private readonly object _gate = new();
    private Credential? _current;
    private DateTimeOffset? _expires;
    private Run? _running;

    internal ExecCredential(ExecPlugin plugin) => _plugin = plugin;

    /// <summary>The plugin.</summary>
    internal ExecPlugin Plugin => _plugin;

    public async ValueTask<Credential> GetAsync(CredentialContext context, CancellationToken cancellationToken)
    {
        Run run;
        lock (_gate)
        {
            if (_current is not null && (_expires is null || context.Clock.GetUtcNow() < _expires))
                return _current;
            run = _running ??= new Run(this, context);
            run.Waiting++;
        }

        try
        {
            return await run.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(run);
        }
    }

    public bool Invalidate(Credential rejected)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_current?.GetAuthorization(), rejected.GetAuthorization())
                && ReferenceEquals(_current?.GetCertificate(), rejected.GetCertificate()))
            {
                _current = null;
            }

            return true;
        }
    }

    public override string ToString() => $"credential plugin {_plugin.Command}";

    private void Leave(Run run)
    {
        lock (_gate)
        {
            if (--run.Waiting > 0)
                return;
            if (ReferenceEquals(_running, run))
                _running = null;
        }

        run.Dispose();
    }

    private void Complete(Run run, ExecPluginAnswer? answer)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_running, run))
                return;
            _running = null;
            if (answer is not null)
                (_current, _expires) = (answer.Credential, answer.Expires);
        }
    }

    private sealed class Run : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();

        internal Run(ExecCredential owner, CredentialContext context)
        {
            var token = _stop.Token;
            Result = Task.Run(() => ExecuteAsync(owner, context, token), CancellationToken.None);
        }

        internal int Waiting { get; set; }

        internal Task<Credential> Result { get; }

        /// <summary>Kills the plugin if it still runs; harmless when it is done.</summary>
        public void Dispose()
        {
            _stop.Cancel();

            // Nobody waits any more; a failure of the killed run has no reader.
            _ = Result.ContinueWith(
                static (task, state) =>
                {
                    _ = task.Exception;
                    ((CancellationTokenSource)state!).Dispose();
                },
                _stop, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        private async Task<Credential> ExecuteAsync(ExecCredential owner, CredentialContext context, CancellationToken stop)
        {
            ExecPluginAnswer? answer = null;
            try
            {
                answer = await ExecPluginProcess.RunAsync(owner._plugin, context, stop).ConfigureAwait(false);
                return answer.Credential;
            }
            finally
            {
                owner.Complete(this, answer);
            }
        }
    }
}
