using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Istio's sample HelloWorld (istio samples/helloworld/src/app.py): says its version and the name of its pod.</summary>
internal static class HelloWorld
{
    public const int Port = 5000;

    private const string Image = "examples-helloworld-";
    private const string Html = "text/html; charset=utf-8";

    /// <summary>The version a container answers with; null when it is no HelloWorld. A label of the pod's goes before the image's own.</summary>
    public static string? Version(JsonNode pod, JsonNode container)
    {
        var name = ImageName.Of(container);
        return name.StartsWith(Image, StringComparison.Ordinal) ? pod.Label("version") ?? name[Image.Length..] : null;
    }

    /// <summary>Serves it. A fault of the cluster has it answer with an error of its own.</summary>
    public static PortHandler Serve(string version, string pod, FaultRules faults) => new HttpPort(target => target.Split('?')[0] switch
    {
        "/hello" when faults.TakeOfTraffic(FaultKind.AppError) is { } fault => new HttpPortAnswer(fault.StatusCode, Html, "<!doctype html>\n<title>Internal Server Error</title>\n"),
        "/hello" => new HttpPortAnswer(200, Html, $"Hello version: {version}, instance: {pod}\n"),
        "/health" => new HttpPortAnswer(200, Html, "Helloworld is healthy"),
        _ => new HttpPortAnswer(404, Html, "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"),
    }).ServeAsync;
}
