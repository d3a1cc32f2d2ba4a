using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.Kubernetes;

namespace MeshTools.Istioctl;

/// <summary>
/// The kubeconfig of a cluster that has none, for the time that a program needs one: two files that only the user may read, in a folder of their own. The token is in a file beside it, which
/// client-go reads anew every minute (transport/token_source.go), so a long run outlives its first token. Both are gone when the run is over, also when it is cancelled.
/// </summary>
internal sealed class PrivateKubeconfig : IAsyncDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder;
    private readonly GoogleClusterCredential _credential;
    private readonly CancellationTokenSource _over = new();
    private string _token;
    private Task _renewal = Task.CompletedTask;

    private PrivateKubeconfig(DirectoryInfo folder, GoogleClusterCredential credential, string token)
    {
        _folder = folder;
        _credential = credential;
        _token = token;
        // Where PowerShell itself is ended, nobody disposes.
        AppDomain.CurrentDomain.ProcessExit += Leave;
    }

    /// <summary>The kubeconfig.</summary>
    internal string Path => System.IO.Path.Combine(_folder.FullName, "kubeconfig");

    private string TokenPath => System.IO.Path.Combine(_folder.FullName, "token");

    /// <summary>Writes it.</summary>
    /// <param name="cluster">A cluster without a kubeconfig.</param>
    /// <param name="cancellationToken">Cancels the wait for a token.</param>
    /// <returns>The kubeconfig; dispose it.</returns>
    /// <exception cref="MeshException">The cluster has no credential that a file could hold, or the files cannot be written (<c>IstioctlFailed</c>).</exception>
    internal static async Task<PrivateKubeconfig> WriteAsync(MeshCluster cluster, CancellationToken cancellationToken)
    {
        if (cluster.Unwritten is not { Credentials: GoogleClusterCredential credential } configuration)
            throw new MeshException(ErrorCatalog.IstioctlFailed, $"{cluster.Name}: there is no kubeconfig that istioctl could be given", cluster);
        var token = await credential.RevealAsync(cancellationToken).ConfigureAwait(false);
        PrivateKubeconfig? result = null;
        try
        {
            // The system makes it for the user alone.
            result = new PrivateKubeconfig(Directory.CreateTempSubdirectory("meshtools-"), credential, token);
            await WritePrivateAsync(result.TokenPath, token, cancellationToken).ConfigureAwait(false);
            await WritePrivateAsync(result.Path, result.Text(cluster, configuration), cancellationToken).ConfigureAwait(false);
            result._renewal = result.RenewAsync();
            return result;
        }
        catch (Exception e)
        {
            if (result is not null)
                await result.DisposeAsync().ConfigureAwait(false);
            if (e is IOException or UnauthorizedAccessException)
                throw new MeshException(ErrorCatalog.IstioctlFailed, $"{cluster.Name}: no kubeconfig can be written for istioctl: {e.Message}", cluster, innerException: e);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= Leave;
        await _over.CancelAsync().ConfigureAwait(false);
        try
        {
            await _renewal.ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or KubernetesException)
        {
            // What a renewal that is cut off has to say is of no use any more.
        }

        _over.Dispose();
        Delete();
    }

    private string Text(MeshCluster cluster, ClientConfiguration configuration)
    {
        var server = new JsonObject { ["server"] = configuration.Server.AbsoluteUri.TrimEnd('/') };
        if (configuration.CertificateAuthorityPem is { } pem)
            server["certificate-authority-data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
        if (configuration.TlsServerName is { } name)
            server["tls-server-name"] = name;
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["current-context"] = cluster.Context,
            ["clusters"] = new JsonArray(new JsonObject { ["name"] = cluster.Context, ["cluster"] = server }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = cluster.Context, ["user"] = new JsonObject { ["tokenFile"] = TokenPath } }),
            ["contexts"] = new JsonArray(new JsonObject { ["name"] = cluster.Context, ["context"] = new JsonObject { ["cluster"] = cluster.Context, ["user"] = cluster.Context } }),
        }.ToJsonString();
    }

    // Google's tokens are renewed minutes before they end; the file follows.
    private async Task RenewAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(s_period, _over.Token).ConfigureAwait(false);
                await RenewOnceAsync(_over.Token).ConfigureAwait(false);
            }
            catch (Exception) when (!_over.IsCancellationRequested)
            {
                // The next attempt may do better; when the token ends before that, istioctl says so itself.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task RenewOnceAsync(CancellationToken cancellationToken)
    {
        var token = await _credential.RevealAsync(cancellationToken).ConfigureAwait(false);
        if (string.Equals(token, _token, StringComparison.Ordinal))
            return;
        var next = TokenPath + ".next";
        File.Delete(next);
        await WritePrivateAsync(next, token, cancellationToken).ConfigureAwait(false);
        File.Move(next, TokenPath, overwrite: true);
        _token = token;
    }

    private static async Task WritePrivateAsync(string path, string text, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var stream = new FileStream(path, options);
        await using (stream.ConfigureAwait(false))
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).ConfigureAwait(false);
    }

    private void Leave(object? sender, EventArgs e) => Delete();

    private void Delete()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone already.
        }
    }
}
