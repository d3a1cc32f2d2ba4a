namespace MeshTools.Lab;

/// <summary>
/// The authority of one replica of istiod, from the pod's start on (istio pilot/pkg/bootstrap/istio_ca.go): <c>cacerts</c> when it is there,
/// else a self-signed root that is kept in <c>istio-ca-secret</c>. Only a plugged-in one that was there at the start is followed later.
/// </summary>
internal sealed class IstiodAuthority
{
    private readonly ObjectStore store;
    private readonly IstiodSettings settings;
    private readonly IstiodLog log;
    private volatile SigningAuthority current;

    private IstiodAuthority(ObjectStore store, IstiodSettings settings, IstiodLog log, SigningAuthority current)
    {
        this.store = store;
        this.settings = settings;
        this.log = log;
        this.current = current;
    }

    /// <summary>What signs now.</summary>
    public SigningAuthority Current => current;

    /// <summary>An authority outside of the cluster, which nothing there can change.</summary>
    public static IstiodAuthority Outside(ObjectStore store, IstiodSettings settings, IstiodLog log, SigningAuthority authority) => new(store, settings, log, authority);

    /// <summary>What istiod does about its authority when it starts.</summary>
    /// <exception cref="CaBundleException">It cannot start; the message ends its log.</exception>
    public static IstiodAuthority Start(ObjectStore store, IstiodSettings settings, IstiodLog log)
    {
        try
        {
            var plugged = store.Find(Key(settings, CaBundle.PluggedInSecret));
            if (plugged is not null && CaBundle.Detect(plugged) is { } bundle)
            {
                log.Write("info", "Use local CA certificate", scope: null);
                try
                {
                    return new IstiodAuthority(
                        store, settings, log, SigningAuthority.Load(bundle, !CaBundle.IsGenerated(plugged), store.Clock.GetUtcNow()));
                }
                catch (CaBundleException exception)
                {
                    throw new CaBundleException($"failed to create CA KeyCertBundle ({exception.Message})", exception);
                }
            }

            log.Write("info", "Use self-signed certificate as the CA certificate", scope: null);
            return new IstiodAuthority(store, settings, log, SelfSigned(store, settings));
        }
        catch (CaBundleException exception)
        {
            throw new CaBundleException(
                $"failed to create discovery service: failed to create CA: failed to create an istiod CA: {exception.Message}", exception);
        }
    }

    /// <summary>Takes note of <c>cacerts</c> as it is now. True when another authority signs from now on.</summary>
    public bool Observe(StoredObject? secret)
    {
        // A Secret that goes leaves the files of the running pod as they are.
        if (!current.IsWatched || secret is null)
        {
            return false;
        }

        try
        {
            if (CaBundle.Detect(secret) is not { } bundle || bundle == current.Bundle)
            {
                return false;
            }

            log.Write("info", "Update Istiod cacerts", scope: null);
            if (!IsAllowed(bundle))
            {
                return false;
            }

            current = SigningAuthority.Load(bundle, watched: true, store.Clock.GetUtcNow());
        }
        catch (CaBundleException exception)
        {
            log.Write("error", "Failed to update new Plug-in CA certs: " + exception.Message, scope: null);
            return false;
        }

        log.Write("info", "Istiod has detected the newly added intermediate CA and updated its key and certs accordingly", scope: null);
        return true;
    }

    /// <summary>A running istiod changes its root only in a mesh of several roots, and then only by adding to or taking from what it has.</summary>
    private bool IsAllowed(CaBundle next)
    {
        var before = current.RootPem;
        if (string.Equals(before, next.Roots, StringComparison.Ordinal))
        {
            return true;
        }

        if (!settings.MultiRoot)
        {
            log.Write("warn", "Multi root is disabled, updating new ROOT-CA not supported", scope: null);
            return false;
        }

        if (before.Contains(next.Roots, StringComparison.Ordinal) || next.Roots.Contains(before, StringComparison.Ordinal))
        {
            log.Write("info", "Updating new ROOT-CA", scope: null);
            return true;
        }

        log.Write("warn", "Updating new ROOT-CA not supported", scope: null);
        return false;
    }

    private static SigningAuthority SelfSigned(ObjectStore store, IstiodSettings settings)
    {
        var key = Key(settings, CaBundle.SelfSignedSecret);
        if (store.Find(key) is null)
        {
            // The subject is the trust domain as organisation and nothing else (istio security/pkg/pki/ca NewSelfSignedIstioCAOptions).
            using var root = CertificateAuthority.Create(null, MeshConfiguration.TrustDomain(MeshConfiguration.Read(store, settings)));
            Namespaces.CreateIfAbsent(store, key, CaBundle.SelfSigned(root), "pilot-discovery");
        }

        return SigningAuthority.Load(CaBundle.SelfSigned(store.Get(key)), watched: false, store.Clock.GetUtcNow());
    }

    private static ResourceKey Key(IstiodSettings settings, string name) => new("", "secrets", settings.Namespace, name);
}
