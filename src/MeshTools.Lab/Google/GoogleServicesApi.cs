using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Service Usage of the lab.</summary>
internal sealed class GoogleServicesApi(GoogleCloudState state)
{
    private const string Own = "serviceusage.googleapis.com";

    // What the server enables along with an API (cloud.google.com/service-mesh/docs).
    private static readonly Dictionary<string, string[]> Brings = new(StringComparer.Ordinal)
    {
        ["mesh.googleapis.com"] = ["meshconfig.googleapis.com", "meshca.googleapis.com", "gkehub.googleapis.com", "trafficdirector.googleapis.com"],
    };

    public JsonObject Answer(GoogleCall call)
    {
        switch (call.Parts)
        {
            case ["projects", var id, "services"] when call.Verb is "batchGet":
                call.Allow("names");
                var project = state.Require(id, Own, "serviceusage.services.get");
                var names = call.Query["names"].Select(name => name!.Split('/')[^1]).ToList();
                if (names.Count > 30)
                {
                    throw GoogleFailure.Invalid("The number of services may not exceed 30.");
                }

                return new JsonObject { ["services"] = new JsonArray([.. names.Select(name => Service(project, name))]) };
            case ["projects", var id, "services"] when call.Verb is "batchEnable":
                var services = (call.Body["serviceIds"] as JsonArray ?? []).Select(item => item!.GetValue<string>()).ToList();
                return services.Count is >= 2 and <= 20 ? Enable(state.Require(id, Own, "serviceusage.services.enable"), services) : throw GoogleFailure.Invalid("Request contains an invalid argument.");
            case ["projects", var id, "services", var name] when call.Verb is "enable":
                return Enable(state.Require(id, Own, "serviceusage.services.enable"), [name]);
            case ["projects", var id, "services", var name]:
                return Service(state.Require(id, Own, "serviceusage.services.get"), name);
            case ["projects", var id, "services"]:
                call.Allow("filter", "pageSize", "pageToken");
                var all = state.Require(id, Own, "serviceusage.services.list");
                return new JsonObject { ["services"] = new JsonArray([.. all.Services.Order(StringComparer.Ordinal).Select(name => Service(all, name))]) };
            default:
                throw GoogleFailure.NotFound(call.Path);
        }
    }

    private JsonObject Enable(GoogleProject project, List<string> services)
    {
        if (services.TrueForAll(project.Services.Contains))
        {
            return new JsonObject { ["name"] = "operations/noop.DONE_OPERATION", ["done"] = true, ["response"] = new JsonObject() };
        }

        return state.Begin("serviceusage", string.Empty, "projects/" + project.Number, () => project.Services.UnionWith(services.Concat(services.SelectMany(name => Brings.GetValueOrDefault(name, [])))), () =>
            new JsonObject { ["services"] = new JsonArray([.. services.Select(name => Service(project, name))]) });
    }

    private static JsonObject Service(GoogleProject project, string name) => new()
    {
        ["name"] = $"projects/{project.Number}/services/{name}",
        ["parent"] = "projects/" + project.Number,
        ["config"] = new JsonObject { ["name"] = name },
        ["state"] = project.Services.Contains(name) ? "ENABLED" : "DISABLED",
    };
}
