namespace MeshTools.Lab;

/// <summary><c>fault CLUSTER KIND</c>: makes a cluster of a running lab misbehave, or well again.</summary>
internal static class FaultCommand
{
    public const string Help = """
        Makes a cluster of a running lab misbehave.

        Usage: meshtools-lab fault CLUSTER KIND [options]
               meshtools-lab fault google-cloud KIND [options]
               meshtools-lab fault releases KIND [options]

        CLUSTER   a name or context, or "all"
        KIND      down                         connections are cut without an answer
                  slow                         answers come after --delay
                  throttle                     429 with Retry-After
                  server-error                 500, or 503 with --status 503
                  reset                        connections are cut in the middle of the answer
                  forbidden                    403 as from RBAC
                  quota-exceeded               403 as from a quota, to who makes something
                  admission-refused            403 as from a webhook, to writes
                  gateway-blocked              calls of other clusters to its load balancers get no answer
                  app-error                    its sample workloads answer 500, or 503 with --status 503
                  clear                        all of these end
                  load-balancers               Services without an address get one as --how says
                  stop, start                  the port refuses connections, takes them again
                  certificate-wrong-name       the server's certificate is for another name
                  certificate-wrong-authority  the server's certificate is of another authority
                  certificate-proper           the server's certificate is right again

        Options:
          --verb VERB          only this verb: get, list, watch, create, update, patch, delete, deletecollection
          --resource RESOURCE  only this resource (plural, with its subresource: pods/exec)
          --delay DURATION     for slow (2s)
          --retry-after N      seconds in Retry-After (throttle: 1; server-error: no such header)
          --status CODE        for server-error and app-error: 500 or 503
          --message TEXT       for quota-exceeded and admission-refused: what the answer says
          --how HOW            for load-balancers: immediate, never, failing, hostname, or after a duration
          --times N            so many requests, then no more
          --lab FILE           the lab's state file (./lab.kubeconfig.state.json)

        KIND of google-cloud:
                  down, throttle, server-error  as above; also 502, with a page in place of JSON
                  deny                          the caller lacks --permission (one that ends with a dot: all that begin so)
                  api-disabled                  the API of --api is refused as not enabled
                  operation-error               the next operation ends with an error, which says --message
                  slow-operations               operations take --times looks more
                  conflict                      --times writes meet somebody else's change
                  mesh-slow                     managed control planes take --delay until they are provided
                  mesh-failed                   managed control planes are not provided, as --state, --condition and --message say
                  clear                         all of these end

        Options of google-cloud:
          --api NAME           only this API: container, gkehub, serviceusage, cloudresourcemanager, meshconfig, privateca
          --permission NAME    for deny, for instance gkehub.memberships.create
          --state STATE        for mesh-failed: FAILED_PRECONDITION, STALLED or NEEDS_ATTENTION
          --condition CODE     for mesh-failed, for instance NODEPOOL_WORKLOAD_IDENTITY_FEDERATION_REQUIRED

        KIND of releases, the lab's server of release archives:
                  down, throttle, server-error  as above, with 503
                  cut-off                       connections are cut in the middle of an archive
                  slow                          pieces of an archive come with --delay between them (200ms)
                  wrong-signature               signatures and checksums are those of something else
                  no-signature                  there are neither
                  no-ranges                     who asks for a part of an archive gets all of it
                  changing                      each answer is of an archive made anew
                  clear                         all of these end

        """;

    private static readonly string[] Verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

    private static readonly string[] FaultOptions = ["--verb", "--resource", "--delay", "--retry-after", "--status", "--message", "--times"];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var parsed = Arguments.Parse(arguments, [.. FaultOptions, "--how", "--api", "--permission", "--state", "--condition", "--lab"], []);
        var request = arguments.FirstOrDefault() switch
        {
            GoogleFaultCommand.Target => GoogleFaultCommand.Request(parsed),
            ReleaseFaultCommand.Target => ReleaseFaultCommand.Request(parsed),
            _ => Request(parsed),
        };
        using var client = ControlClient.For(parsed);
        await output.WriteLineAsync(await client.CommandAsync(request, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        return 0;
    }

    internal static ControlRequest Request(Arguments parsed)
    {
        if (parsed.Positional.Count != 2)
        {
            throw new UsageException("fault needs a cluster and a kind: fault CLUSTER KIND.");
        }

        var kind = parsed.Positional[1];
        var isFault = ControlRequest.Faults.ContainsKey(kind);
        if (!isFault && !ControlRequest.OtherActions.Contains(kind, StringComparer.Ordinal))
        {
            throw new UsageException(
                $"There is no fault \"{kind}\": the kinds are {string.Join(", ", ControlRequest.Faults.Keys.Concat(ControlRequest.OtherActions))}.");
        }

        foreach (var option in FaultOptions)
        {
            if (!isFault && parsed.Has(option))
            {
                throw new UsageException($"Option {option} does not go with {kind}.");
            }
        }

        var how = parsed.Text("--how");
        if (how is not null != kind is ControlRequest.LoadBalancers)
        {
            throw new UsageException(how is null ? "load-balancers needs --how." : $"Option --how does not go with {kind}.");
        }

        if (how is not null && LoadBalancing.Parse(how) is null)
        {
            throw new UsageException($"Option --how takes immediate, never, failing, hostname or a duration such as 5s, not \"{how}\".");
        }

        return new ControlRequest(parsed.Positional[0], isFault ? kind.ToLowerInvariant() : kind)
        {
            Verb = parsed.Choice("--verb", Verbs),
            Resource = parsed.Text("--resource"),
            DelaySeconds = parsed.Duration("--delay")?.TotalSeconds,
            RetryAfter = parsed.Number("--retry-after", 0, 3600),
            StatusCode = parsed.Choice("--status", "500", "503") is { } code ? int.Parse(code, System.Globalization.CultureInfo.InvariantCulture) : null,
            Message = parsed.Text("--message"),
            How = how,
            Times = parsed.Number("--times", 1, int.MaxValue),
        };
    }
}
