using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>The state of a lab's Google Cloud, and what every API does before its own part: who may, and whether the API is enabled.</summary>
internal sealed class GoogleCloudState
{
    private readonly object gate = new();
    private readonly Dictionary<string, GoogleOperation> operations = new(StringComparer.Ordinal);
    private readonly List<string> requests = [];
    private readonly GoogleClustersApi container;
    private readonly GoogleHubApi hub;
    private readonly GooglePrivateCaApi privateCa;
    private int operationNumber;
    private int writes;

    public GoogleCloudState(GoogleCloudOptions options, IReadOnlyList<LabCluster> clusters)
    {
        Options = options;
        Projects = new[] { new GoogleProject(options.Project, "111111111111"), new GoogleProject(options.FleetProject, "222222222222") }.DistinctBy(project => project.Id, StringComparer.Ordinal).ToList();
        foreach (var project in Projects)
        {
            project.Services.UnionWith(options.Services);
            if (options.Prepared)
            {
                project.Services.UnionWith(["gkehub.googleapis.com", "mesh.googleapis.com", "meshconfig.googleapis.com", "meshca.googleapis.com", "privateca.googleapis.com", "gkeconnect.googleapis.com"]);
            }

            project.Policy = new JsonObject
            {
                ["version"] = 1,
                ["bindings"] = new JsonArray([.. options.Roles.Select(role => new JsonObject { ["role"] = role, ["members"] = new JsonArray(Member) })]),
            };
        }

        container = new GoogleClustersApi(this, clusters);
        Connect = new GoogleConnect(clusters);
        hub = new GoogleHubApi(this, container, Connect);
        privateCa = new GooglePrivateCaApi(this);
    }

    public GoogleCloudOptions Options { get; }

    public GoogleFaults Faults { get; } = new();

    /// <summary>What there is to clusters outside GKE.</summary>
    public GoogleConnect Connect { get; }

    public IReadOnlyList<GoogleProject> Projects { get; }

    public string Member => (Options.Account.EndsWith(".gserviceaccount.com", StringComparison.Ordinal) ? "serviceAccount:" : "user:") + Options.Account;

    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (gate)
            {
                return [.. requests];
            }
        }
    }

    public int Writes
    {
        get
        {
            lock (gate)
            {
                return writes;
            }
        }
    }

    public void Note(string method, string path, bool write)
    {
        lock (gate)
        {
            requests.Add($"{method} {path}");
            writes += write ? 1 : 0;
        }
    }

    public JsonObject Answer(string api, GoogleCall call)
    {
        lock (gate)
        {
            if (call.Parts.Contains("operations", StringComparer.Ordinal) && call.Method is "GET")
            {
                return Look(call.Parts[^1], isContainer: api is "container");
            }

            return api switch
            {
                "cloudresourcemanager" => ResourceManager(call),
                "serviceusage" => new GoogleServicesApi(this).Answer(call),
                "container" => container.Answer(call),
                "gkehub" => hub.Answer(call),
                "meshconfig" => MeshConfig(call),
                "privateca" => privateCa.Answer(call),
                "oauth2" when call.Parts is ["userinfo"] => new JsonObject { ["email"] = Options.Account },
                "iamcredentials" when call.Verb is "generateAccessToken" => throw GoogleFailure.Denied("iam.serviceAccounts.getAccessToken", string.Join('/', call.Parts)),
                _ => throw GoogleFailure.NotFound(call.Path),
            };
        }
    }

    /// <summary>The state of the authority in each pool of CA Service.</summary>
    public string AuthorityState
    {
        get => privateCa.AuthorityState;
        set => privateCa.AuthorityState = value;
    }

    /// <summary>Makes a cluster an attached cluster.</summary>
    public void Attach(string name)
    {
        lock (gate)
        {
            var project = Projects[0];
            hub.Keep(project, "us-east4", name, Connect.UidOf(name), $"//gkemulticloud.googleapis.com/projects/{project.Number}/locations/us-east4/attachedClusters/{name}");
        }
    }

    /// <summary>The project of an ID or number; a project that is not there is like one that may not be seen.</summary>
    public GoogleProject Project(string idOrNumber, string permission) =>
        Projects.FirstOrDefault(project => string.Equals(project.Id, idOrNumber, StringComparison.Ordinal) || string.Equals(project.Number, idOrNumber, StringComparison.Ordinal))
        ?? throw GoogleFailure.Denied(permission, "projects/" + idOrNumber);

    /// <summary>Refuses when the API is not enabled, or the caller lacks the permission.</summary>
    public GoogleProject Require(string idOrNumber, string service, string permission)
    {
        var project = Project(idOrNumber, permission);
        if (!project.Services.Contains(service) || Faults.IsDisabled(service))
        {
            throw GoogleFailure.Disabled(service, project);
        }

        return Holds(project, permission) ? project : throw GoogleFailure.Denied(permission, "projects/" + project.Id);
    }

    public bool Holds(GoogleProject project, string permission) =>
        !Faults.IsDenied(permission) &&
        (project.Policy["bindings"] as JsonArray ?? []).OfType<JsonObject>().Any(binding =>
            GoogleRoles.Grants(binding["role"]?.GetValue<string>() ?? string.Empty, permission) &&
            (binding["members"] as JsonArray ?? []).Any(member => string.Equals(member?.GetValue<string>(), Member, StringComparison.Ordinal)));

    /// <summary>Who the token's bearer is in a cluster of GKE: IAM gives an administrator's rights there.</summary>
    public Identity KubernetesIdentity()
    {
        lock (gate)
        {
            var administrator = Projects.Any(project => string.Equals(project.Id, Options.Project, StringComparison.Ordinal) && Holds(project, "container.clusterRoleBindings.create"));
            return Identity.Create(Options.Account, administrator ? ["system:masters", "system:authenticated"] : ["system:authenticated"]);
        }
    }

    /// <summary>Begins an operation of the newer kind.</summary>
    public JsonObject Begin(string api, string parent, string target, Action finish, Func<JsonObject?> response)
    {
        var operation = New(api, parent.Length == 0 ? "operations/acf.p2-" : parent + "/operations/operation-", target, finish, response);
        return Show(operation);
    }

    /// <summary>Begins an operation of GKE's kind.</summary>
    public JsonObject BeginContainer(string target, string type, Action finish)
    {
        var operation = New("container", "operation-", target, finish, () => null);
        var shown = ShowContainer(operation);
        shown["operationType"] = type;
        return shown;
    }

    /// <summary>The three methods of an IAM policy.</summary>
    public JsonObject Policy(GoogleCall call, string resource, JsonObject stored, int generation, Func<string, bool> holds, Action<JsonObject> store, string prefix)
    {
        switch (call.Verb)
        {
            case "getIamPolicy":
                Need(prefix + ".getIamPolicy");
                return WithEtag(stored, generation);
            case "testIamPermissions":
                var asked = (call.Body["permissions"] as JsonArray ?? []).Select(item => item!.GetValue<string>()).ToList();
                if (asked.Find(name => name is "resourcemanager.projects.create" or "resourcemanager.projects.list" || name.Split('.').Length != 3) is { } bad)
                {
                    throw GoogleFailure.Invalid($"Permission {bad} is not valid for this resource.");
                }

                var granted = asked.Where(holds).Select(name => (JsonNode)name).ToArray();
                return granted.Length == 0 ? [] : new JsonObject { ["permissions"] = new JsonArray(granted) };
            case "setIamPolicy":
                Need(prefix + ".setIamPolicy");
                var policy = call.Body["policy"] as JsonObject ?? throw GoogleFailure.Invalid("Request contains an invalid argument.");
                if (Faults.TakeConflict() || (policy["etag"] is { } etag && !string.Equals(etag.GetValue<string>(), Etag(generation), StringComparison.Ordinal)))
                {
                    throw GoogleFailure.Aborted();
                }

                var next = (JsonObject)policy.DeepClone();
                next.Remove("etag");
                store(next);
                return WithEtag(next, generation + 1);
            default:
                throw GoogleFailure.NotFound(resource);
        }

        void Need(string permission)
        {
            if (!holds(permission))
            {
                throw GoogleFailure.Denied(permission, resource);
            }
        }
    }

    public static string Etag(int generation) => Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"lab-{generation}")));

    private static JsonObject WithEtag(JsonObject policy, int generation)
    {
        var shown = (JsonObject)policy.DeepClone();
        shown["etag"] = Etag(generation);
        return shown;
    }

    private JsonObject ResourceManager(GoogleCall call)
    {
        if (call.Parts is not ["projects", var id])
        {
            throw GoogleFailure.NotFound(call.Path);
        }

        var project = Project(id, "resourcemanager.projects.get");
        if (call.Verb.Length > 0)
        {
            return Policy(
                call, "projects/" + project.Id, project.Policy, project.PolicyGeneration, permission => Holds(project, permission),
                policy =>
                {
                    project.Policy = policy;
                    project.PolicyGeneration++;
                },
                "resourcemanager.projects");
        }

        Require(id, "cloudresourcemanager.googleapis.com", "resourcemanager.projects.get");
        return new JsonObject
        {
            ["projectNumber"] = project.Number, ["projectId"] = project.Id, ["lifecycleState"] = "ACTIVE", ["name"] = project.Id, ["createTime"] = "2024-01-01T00:00:00Z",
        };
    }

    private JsonObject MeshConfig(GoogleCall call)
    {
        if (call.Parts is not ["projects", var id] || call.Verb is not "initialize" || call.Method is not "POST")
        {
            throw GoogleFailure.NotFound(call.Path);
        }

        Require(id, "meshconfig.googleapis.com", "meshconfig.projects.init");
        foreach (var pool in (call.Body["workloadIdentityPools"] as JsonArray ?? []).Select(item => item!.GetValue<string>()))
        {
            var owner = pool.Split('.')[0];
            if (pool.EndsWith(".svc.id.goog", StringComparison.Ordinal) && !container.HasPool(pool) && !hub.HasMembers(owner))
            {
                throw GoogleFailure.Invalid($"Workload Identity Pool does not exist ({pool}).");
            }
        }

        return [];
    }

    private GoogleOperation New(string api, string prefix, string target, Action finish, Func<JsonObject?> response)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{++operationNumber:D6}-{Convert.ToHexString(RandomNumberGenerator.GetBytes(4)).ToLowerInvariant()}");
        var operation = new GoogleOperation(prefix + id, Options.OperationLooks + Faults.MoreLooks, finish) { Target = target, Response = response };
        if (Faults.TakeFailure(api) is { } message)
        {
            operation.Failure = (13, message);
        }

        operations[operation.Name.Split('/')[^1]] = operation;
        return operation;
    }

    private JsonObject Look(string name, bool isContainer)
    {
        if (!operations.TryGetValue(name, out var operation))
        {
            throw GoogleFailure.NotFound(name);
        }

        if (!operation.Done && --operation.LooksLeft <= 0)
        {
            operation.Done = true;
            if (operation.Failure is null)
            {
                try
                {
                    operation.Finish();
                }
                catch (GoogleFailure failure)
                {
                    operation.Failure = (failure.Code is "ALREADY_EXISTS" ? 6 : 9, failure.Message);
                }
            }
        }

        return isContainer ? ShowContainer(operation) : Show(operation);
    }

    private static JsonObject Show(GoogleOperation operation)
    {
        var shown = new JsonObject { ["name"] = operation.Name, ["metadata"] = new JsonObject { ["createTime"] = operation.StartTime, ["target"] = operation.Target } };
        if (operation.Done)
        {
            shown["done"] = true;
            if (operation.Failure is var (code, message) && operation.Failure is not null)
            {
                shown["error"] = new JsonObject { ["code"] = code, ["message"] = message };
            }
            else
            {
                shown["response"] = operation.Response()?.DeepClone() ?? new JsonObject { ["@type"] = "type.googleapis.com/google.protobuf.Empty" };
            }
        }

        return shown;
    }

    private static JsonObject ShowContainer(GoogleOperation operation)
    {
        var shown = new JsonObject { ["name"] = operation.Name, ["status"] = operation.Done ? "DONE" : "RUNNING", ["startTime"] = operation.StartTime, ["targetLink"] = operation.Target };
        if (operation is { Done: true, Failure: var (code, message) })
        {
            shown["error"] = new JsonObject { ["code"] = code, ["message"] = message };
        }

        return shown;
    }
}
