using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>CA Service of the lab: one pool with an authority and one template in each project, <c>locations/us-central1/caPools/lab-pool</c> and <c>certificateTemplates/lab-template</c>.</summary>
internal sealed class GooglePrivateCaApi(GoogleCloudState state)
{
    private const string Own = "privateca.googleapis.com";

    private readonly Dictionary<string, Resource> resources = state.Projects.SelectMany(project => new[]
    {
        $"projects/{project.Id}/locations/us-central1/caPools/lab-pool", $"projects/{project.Id}/locations/us-central1/certificateTemplates/lab-template",
    }).ToDictionary(name => name, name => new Resource(name), StringComparer.Ordinal);

    /// <summary>The state of the authority that each pool has.</summary>
    public string AuthorityState { get; set; } = "ENABLED";

    public JsonObject Answer(GoogleCall call)
    {
        if (call is { Method: "GET", Parts: ["projects", var home, "locations", var region, "caPools", var pool, "certificateAuthorities"] })
        {
            call.Allow("pageSize", "pageToken", "filter", "orderBy");
            var owner = state.Require(home, Own, "privateca.certificateAuthorities.list");
            var parent = $"projects/{owner.Id}/locations/{region}/caPools/{pool}";
            return resources.ContainsKey(parent)
                ? new JsonObject { ["certificateAuthorities"] = new JsonArray(new JsonObject { ["name"] = parent + "/certificateAuthorities/lab-authority", ["type"] = "SELF_SIGNED", ["tier"] = "DEVOPS", ["state"] = AuthorityState }) }
                : throw GoogleFailure.NotFound(parent);
        }

        if (call.Parts is not ["projects", var id, "locations", var location, var kind and ("caPools" or "certificateTemplates"), var name])
        {
            throw GoogleFailure.NotFound(call.Path);
        }

        var project = state.Project(id, $"privateca.{kind}.get");
        if (!project.Services.Contains(Own))
        {
            throw GoogleFailure.Disabled(Own, project);
        }

        var resource = resources.GetValueOrDefault($"projects/{project.Id}/locations/{location}/{kind}/{name}") ?? throw GoogleFailure.NotFound(string.Join('/', call.Parts));
        if (call.Verb.Length > 0)
        {
            if (call.Verb is "getIamPolicy" && call.Method is not "GET")
            {
                throw GoogleFailure.NotFound(call.Path);
            }

            return state.Policy(call, resource.Name, resource.Policy, resource.Generation, permission => state.Holds(project, permission), policy =>
            {
                resource.Policy = policy;
                resource.Generation++;
            }, "privateca." + kind);
        }

        if (call.Method is "PATCH")
        {
            state.Require(id, Own, $"privateca.{kind}.update");
            if (call.Query["updateMask"].ToString() is not "issuancePolicy")
            {
                throw GoogleFailure.Invalid("updateMask is required.");
            }

            var wished = call.Body["issuancePolicy"]?.DeepClone();
            return state.Begin("privateca", $"projects/{project.Id}/locations/{location}", resource.Name, () => resource.Json["issuancePolicy"] = wished, () => resource.Json);
        }

        state.Require(id, Own, $"privateca.{kind}.get");
        return (JsonObject)resource.Json.DeepClone();
    }

    private sealed class Resource(string name)
    {
        public string Name { get; } = name;

        public JsonObject Json { get; } = new() { ["name"] = name, ["tier"] = "DEVOPS" };

        public JsonObject Policy { get; set; } = [];

        public int Generation { get; set; } = 1;
    }
}
