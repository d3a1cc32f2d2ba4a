using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>GKE Hub of the lab: memberships in both projects' fleets, and the service mesh feature.</summary>
internal sealed class GoogleHubApi(GoogleCloudState state, GoogleClustersApi clusters, GoogleConnect connect)
{
    private const string MeshFeature = "servicemesh";
    private const string Own = "gkehub.googleapis.com";
    private const string Issuer = "https://container.googleapis.com/v1";
    private const string LinkHost = "//container.googleapis.com";

    private readonly SortedDictionary<string, JsonObject> memberships = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> features = new(StringComparer.Ordinal);

    // Signs for the workloads of every managed control plane.
    private readonly Lazy<SigningAuthority> meshCa = new(MeshCa);

    /// <summary>Whether a project's fleet has members: then it has a workload identity pool.</summary>
    public bool HasMembers(string project) => memberships.Keys.Any(name => name.StartsWith($"projects/{project}/", StringComparison.Ordinal));

    public JsonObject Answer(GoogleCall call)
    {
        if (call.Parts is not ["projects", var id, "locations", var location, .. var rest])
        {
            throw GoogleFailure.NotFound(call.Path);
        }

        switch (call.Method, rest)
        {
            case ("GET", ["memberships"]) when call is { Verb: "validateExclusivity", IsPreview: true }:
                call.Allow("crManifest", "intendedMembership");
                return Exclusivity(state.Require(id, Own, "gkehub.memberships.list"), location, call);
            case ("GET", ["memberships", var name]) when call is { Verb: "generateExclusivityManifest", IsPreview: true }:
                call.Allow("crdManifest", "crManifest");
                return GoogleConnect.Exclusivity(Member(state.Require(id, Own, "gkehub.memberships.get"), location, name), call);
            case ("GET", ["memberships", var name]) when call.Verb is "generateConnectManifest":
                call.Allow("namespace", "proxy", "version", "isUpgrade", "registry", "imagePullSecretContent");
                var fleet = state.Require(id, Own, "gkehub.memberships.generateConnectManifest");
                return connect.Manifest(fleet, Member(fleet, location, name), call.Query["namespace"].ToString());
            case (_, ["memberships", ..]) when call.Verb.Length > 0:
                throw GoogleFailure.NotFound(call.Path);
            case ("GET", ["memberships"]):
                call.Allow("pageSize", "pageToken", "filter", "orderBy");
                return List(state.Require(id, Own, "gkehub.memberships.list"), location);
            case ("GET", ["memberships", var name]):
                return connect.Shown(Member(state.Require(id, Own, "gkehub.memberships.get"), location, name));
            case ("POST", ["memberships"]):
                call.Allow("membershipId", "requestId");
                return Create(state.Require(id, Own, "gkehub.memberships.create"), location, call);
            case ("PATCH", ["memberships", var name]):
                call.Allow("updateMask", "requestId");
                return Update(state.Require(id, Own, "gkehub.memberships.update"), location, name, call);
            case ("DELETE", ["memberships", var name]):
                call.Allow("requestId", "force");
                return Delete(state.Require(id, Own, "gkehub.memberships.delete"), location, name);
            case ("GET", ["features", var name]):
                call.Allow("returnPartialSuccess");
                return ShowFeature(state.Require(id, Own, "gkehub.features.get"), name);
            case ("POST", ["features"]):
                call.Allow("featureId", "requestId");
                return CreateFeature(state.Require(id, Own, "gkehub.features.create"), call.Query["featureId"].ToString());
            case ("PATCH", ["features", var name]):
                call.Allow("updateMask", "requestId");
                return UpdateFeature(state.Require(id, Own, "gkehub.features.update"), name, call);
            default:
                throw GoogleFailure.NotFound(call.Path);
        }
    }

    private static string NameOf(GoogleProject project, string location, string name) => $"projects/{project.Id}/locations/{location}/memberships/{name}";

    private JsonObject List(GoogleProject project, string location)
    {
        var found = memberships.Where(pair => pair.Key.StartsWith($"projects/{project.Id}/locations/{(location is "-" ? string.Empty : location + "/")}", StringComparison.Ordinal)).Select(pair => (JsonNode)connect.Shown(pair.Value)).ToArray();
        return found.Length == 0 ? [] : new JsonObject { ["resources"] = new JsonArray(found) };
    }

    private JsonObject Member(GoogleProject project, string location, string name) =>
        memberships.GetValueOrDefault(NameOf(project, location, name)) ?? throw GoogleFailure.NotFound(NameOf(project, location, name));

    private JsonObject Create(GoogleProject project, string location, GoogleCall call)
    {
        var name = NameOf(project, location, call.Query["membershipId"].ToString());
        if (memberships.ContainsKey(name))
        {
            throw GoogleFailure.Exists(name);
        }

        var member = (JsonObject)call.Body.DeepClone();
        var link = member["endpoint"]?["gkeCluster"]?["resourceLink"]?.GetValue<string>();
        if (link is not null && clusters.Find(link) is null)
        {
            throw GoogleFailure.Invalid($"InvalidValueError for field endpoint.gke_cluster.resource_link: {link} is not a valid path");
        }

        if (link is not null && member["authority"]?["issuer"]?.GetValue<string>() is { } issuer && !string.Equals(issuer, Issuer + link[LinkHost.Length..], StringComparison.Ordinal))
        {
            throw GoogleFailure.Invalid("InvalidValueError for field authority.issuer: issuer for Gke Cluster should use 'locations'");
        }

        if (link is null)
        {
            connect.RequireUsable(member);
        }

        member["name"] = name;
        member["state"] = new JsonObject { ["code"] = "READY" };
        Authority(project, member);
        return state.Begin("gkehub", $"projects/{project.Id}/locations/{location}", name, () => Finish(project, name, member, link), () => memberships.GetValueOrDefault(name));
    }

    // That a cluster belongs to another fleet is found while the operation runs.
    private void Finish(GoogleProject project, string name, JsonObject member, string? link)
    {
        var other = link is not null
            ? memberships.FirstOrDefault(pair => string.Equals(pair.Value["endpoint"]?["gkeCluster"]?["resourceLink"]?.GetValue<string>(), link, StringComparison.Ordinal)).Key
            : memberships.FirstOrDefault(pair => string.Equals(pair.Value["externalId"]?.GetValue<string>(), member["externalId"]?.GetValue<string>(), StringComparison.Ordinal)).Key;
        if (other is not null)
        {
            throw new GoogleFailure(
                409, "ALREADY_EXISTS", $"intend to register the cluster with resource: //{Own}/{name}, but the cluster is already registered with resource: //{Own}/{other}");
        }

        memberships[name] = member;
        if (link is not null)
        {
            // The member and the feature together bring Google's part into the cluster.
            clusters.Find(link)!["fleet"] = new JsonObject { ["project"] = project.Number, ["membership"] = $"//{Own}/{name.Replace(project.Id, project.Number, StringComparison.Ordinal)}" };
            Join(project);
        }
    }

    /// <summary>Puts a membership there that another product of Google has made.</summary>
    public void Keep(GoogleProject project, string location, string name, string externalId, string link)
    {
        var member = new JsonObject
        {
            ["name"] = NameOf(project, location, name),
            ["endpoint"] = new JsonObject { ["multiCloudCluster"] = new JsonObject { ["resourceLink"] = link } },
            ["externalId"] = externalId,
            ["authority"] = new JsonObject { ["issuer"] = "https://oidc.example.com/" + name },
            ["state"] = new JsonObject { ["code"] = "READY" },
            ["monitoringConfig"] = new JsonObject { ["projectId"] = project.Id, ["location"] = location, ["cluster"] = "attachedClusters/" + name },
        };
        Authority(project, member);
        memberships[NameOf(project, location, name)] = member;
    }

    // Another fleet's object in the cluster keeps it, as long as that membership is there.
    private JsonObject Exclusivity(GoogleProject project, string location, GoogleCall call)
    {
        var intended = NameOf(project, location, call.Query["intendedMembership"].ToString());
        return GoogleConnect.OwnerOf(call.Query["crManifest"].ToString()) is { } owner && memberships.ContainsKey(owner) && !string.Equals(owner, intended, StringComparison.Ordinal)
            ? new JsonObject { ["status"] = new JsonObject { ["code"] = 6, ["message"] = $"the cluster is already registered with resource: //{Own}/{owner}" } }
            : new JsonObject { ["status"] = new JsonObject() };
    }

    private static void Authority(GoogleProject project, JsonObject member)
    {
        if (member["authority"] is JsonObject authority && authority["issuer"] is not null)
        {
            authority["workloadIdentityPool"] = project.Id + ".svc.id.goog";
            authority["identityProvider"] = $"https://{Own}/{member["name"]!.GetValue<string>()}";
        }
    }

    private JsonObject Update(GoogleProject project, string location, string name, GoogleCall call)
    {
        var member = Member(project, location, name);
        var body = (JsonObject)call.Body.DeepClone();
        var mask = call.Query["updateMask"].ToString();
        return state.Begin("gkehub", $"projects/{project.Id}/locations/{location}", name, () => Apply(), () => member);

        void Apply()
        {
            switch (mask)
            {
                case "labels":
                    var labels = member["labels"] as JsonObject ?? [];
                    member["labels"] = labels;
                    foreach (var (key, value) in body["labels"] as JsonObject ?? [])
                    {
                        labels[key] = value?.DeepClone();
                    }

                    break;
                case "authority":
                    if (member["authority"]?["issuer"]?.GetValue<string>() is { } known && !string.Equals(known, body["authority"]?["issuer"]?.GetValue<string>(), StringComparison.Ordinal))
                    {
                        throw GoogleFailure.Invalid("InvalidValueError for field authority.issuer: cannot be modified directly; it must be cleared first");
                    }

                    member["authority"] = body["authority"]?.DeepClone();
                    Authority(project, member);
                    break;
                default:
                    throw GoogleFailure.Invalid($"invalid update mask {mask}");
            }
        }
    }

    private JsonObject Delete(GoogleProject project, string location, string name)
    {
        var member = Member(project, location, name);
        return state.Begin("gkehub", $"projects/{project.Id}/locations/{location}", name, () =>
        {
            memberships.Remove(NameOf(project, location, name));
            if (member["endpoint"]?["gkeCluster"]?["resourceLink"]?.GetValue<string>() is { } link)
            {
                clusters.Find(link)?.Remove("fleet");
            }
        }, () => null);
    }

    private JsonObject Feature(GoogleProject project, string name) => features.GetValueOrDefault($"{project.Id}/{name}") ?? throw GoogleFailure.NotFound($"projects/{project.Id}/locations/global/features/{name}");

    private JsonObject ShowFeature(GoogleProject project, string name)
    {
        var shown = (JsonObject)Feature(project, name).DeepClone();
        var states = new JsonObject();
        foreach (var (key, cluster) in Members(project))
        {
            var number = key.Replace($"projects/{project.Id}/", $"projects/{project.Number}/", StringComparison.Ordinal);
            if (shown["membershipSpecs"]?[number] is not null || cluster.Managed.Report().State is not "DISABLED")
            {
                states[number] = State(cluster.Managed);
            }
        }

        if (states.Count > 0)
        {
            shown["membershipStates"] = states;
        }

        return shown;
    }

    private IEnumerable<(string Key, LabCluster Cluster)> Members(GoogleProject project) => memberships
        .Where(pair => pair.Key.StartsWith($"projects/{project.Id}/", StringComparison.Ordinal))
        .Select(pair => (pair.Key, clusters.ClusterOf(pair.Value["endpoint"]?["gkeCluster"]?["resourceLink"]?.GetValue<string>())))
        .Where(pair => pair.Item2 is not null)
        .Select(pair => (pair.Key, pair.Item2!));

    private void Join(GoogleProject project)
    {
        if (!features.ContainsKey($"{project.Id}/{MeshFeature}"))
        {
            return;
        }

        foreach (var (_, cluster) in Members(project))
        {
            cluster.Managed.Join(new ManagedFleet(project.Id, project.Number, state.Options.Project, meshCa.Value, () => state.Faults.Mesh));
        }
    }

    private static SigningAuthority MeshCa()
    {
        using var root = CertificateAuthority.Create("Mesh CA", "Google");
        return SigningAuthority.Load(new CaBundle(root.CertificatePem, root.KeyPem, string.Empty, root.CertificatePem), watched: false, TimeProvider.System.GetUtcNow());
    }

    private JsonObject CreateFeature(GoogleProject project, string name)
    {
        var key = $"{project.Id}/{name}";
        if (features.ContainsKey(key))
        {
            throw GoogleFailure.Exists($"projects/{project.Id}/locations/global/features/{name}");
        }

        if (name is not MeshFeature || !project.Services.Contains("mesh.googleapis.com") && !project.Services.Contains("meshconfig.googleapis.com"))
        {
            throw GoogleFailure.Precondition($"meshconfig.googleapis.com is not enabled in project {project.Number}.");
        }

        return state.Begin("gkehub", $"projects/{project.Id}/locations/global", name, () =>
        {
            features[key] = new JsonObject
            {
                ["name"] = $"projects/{project.Number}/locations/global/features/{name}", ["resourceState"] = new JsonObject { ["state"] = "ACTIVE" }, ["etag"] = GoogleCloudState.Etag(1),
            };
            Join(project);
        }, () => features.GetValueOrDefault(key));
    }

    private JsonObject UpdateFeature(GoogleProject project, string name, GoogleCall call)
    {
        var feature = Feature(project, name);
        var specs = call.Body["membershipSpecs"] as JsonObject ?? [];
        foreach (var (key, _) in specs)
        {
            if (key.Split('/') is not ["projects", _, "locations", var location, "memberships", var member] || !memberships.ContainsKey(NameOf(project, location, member)))
            {
                throw GoogleFailure.Invalid($"InvalidValueError for field membership_specs[\"{key}\"].feature_spec: does not match a current membership in this project. Keys should be in the form: projects/{project.Number}/locations/{{l}}/memberships/{{m}}");
            }
        }

        var generation = int.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(feature["etag"]!.GetValue<string>())).Split('-')[1], CultureInfo.InvariantCulture);
        if (state.Faults.TakeConflict() || (call.Body["etag"] is { } etag && !string.Equals(etag.GetValue<string>(), feature["etag"]!.GetValue<string>(), StringComparison.Ordinal)))
        {
            throw GoogleFailure.Aborted();
        }

        var wished = (JsonObject)specs.DeepClone();
        return state.Begin("gkehub", $"projects/{project.Id}/locations/global", name, () =>
        {
            var known = feature["membershipSpecs"] as JsonObject ?? [];
            feature["membershipSpecs"] = known;
            feature["etag"] = GoogleCloudState.Etag(generation + 1);
            foreach (var (key, value) in wished)
            {
                var numbered = key.Replace($"projects/{project.Id}/", $"projects/{project.Number}/", StringComparison.Ordinal);
                known[numbered] = value?.DeepClone();
                if (value?["mesh"]?["management"]?.GetValue<string>() is "MANAGEMENT_AUTOMATIC")
                {
                    var member = key.Replace($"projects/{project.Number}/", $"projects/{project.Id}/", StringComparison.Ordinal);
                    Members(project).FirstOrDefault(item => string.Equals(item.Key, member, StringComparison.Ordinal)).Cluster?.Managed.Manage(state.Options.ReleaseChannel);
                }
            }
        }, () => feature);
    }

    private static JsonObject State(ManagedControlPlanes planes)
    {
        var (control, details, since) = planes.Report();
        var trouble = planes.Trouble;
        var stuck = control is not ("ACTIVE" or "PROVISIONING" or "DISABLED");
        var shown = new JsonObject
        {
            ["state"] = new JsonObject
            {
                ["code"] = stuck ? "ERROR" : control is "PROVISIONING" ? "WARNING" : "OK",
                ["description"] = control switch
                {
                    "ACTIVE" => $"Revision(s) ready for use: {string.Join(", ", details.Select(detail => detail.Text["Ready: ".Length..]))}.",
                    "DISABLED" => "Please see https://cloud.google.com/service-mesh/docs/managed/provision-managed-anthos-service-mesh for instructions to onboard to Anthos Service Mesh.",
                    _ => "Please see https://cloud.google.com/service-mesh/docs/troubleshooting/troubleshoot-cluster-setup.",
                },
                ["updateTime"] = since,
            },
            ["servicemesh"] = new JsonObject
            {
                ["controlPlaneManagement"] = new JsonObject
                {
                    ["state"] = control,
                    ["details"] = new JsonArray([.. details.Select(detail => new JsonObject { ["code"] = detail.Code, ["details"] = detail.Text })]),
                },
                ["dataPlaneManagement"] = new JsonObject { ["state"] = control },
            },
        };
        if (control is "ACTIVE")
        {
            shown["servicemesh"]!["controlPlaneManagement"]!["implementation"] = "ISTIOD";
        }

        if (stuck && trouble.Code is { } code)
        {
            shown["servicemesh"]!["conditions"] = new JsonArray(new JsonObject
            {
                ["code"] = code, ["severity"] = "ERROR", ["details"] = trouble.Details,
                ["documentationLink"] = "https://cloud.google.com/service-mesh/docs/troubleshooting/troubleshoot-cluster-setup",
            });
        }

        return shown;
    }
}
