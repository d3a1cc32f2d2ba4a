using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// The custom resource definitions of the Kubernetes Gateway API that Istio reads, and Istio's classes. Lists are merged as the real definitions say (kubernetes-sigs/gateway-api
/// config/crd/standard); other fields accept anything.
/// </summary>
internal static class GatewayApiDefinitions
{
    public const string Group = "gateway.networking.k8s.io";

    private static readonly (string Plural, string Kind, string Short, string Scope, string[] Versions)[] Known =
    [
        ("gatewayclasses", "GatewayClass", "gc", "Cluster", ["v1", "v1beta1"]),
        ("gateways", "Gateway", "gtw", "Namespaced", ["v1", "v1beta1"]),
        ("grpcroutes", "GRPCRoute", "", "Namespaced", ["v1"]),
        ("httproutes", "HTTPRoute", "", "Namespaced", ["v1", "v1beta1"]),
        ("referencegrants", "ReferenceGrant", "refgrant", "Namespaced", ["v1beta1"]),
        ("tlsroutes", "TLSRoute", "", "Namespaced", ["v1", "v1alpha2"]),
    ];

    public static void Install(ObjectStore store)
    {
        var now = Metadata.Timestamp(store.Clock);
        foreach (var (plural, kind, shortName, scope, versions) in Known)
        {
            var names = new DefinitionObject.Names(Group, plural, kind, "gateway-api", shortName);
            store.Create(
                new ResourceKey("apiextensions.k8s.io", "customresourcedefinitions", null, $"{plural}.{Group}"),
                DefinitionObject.Build(names, scope, versions, plural is "gateways" ? Gateway : Anything, [], now),
                "kubectl");
        }
    }

    private static JsonObject Anything() => (JsonObject)JsonNode.Parse(
        """
        {"spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}
        """)!;

    private static JsonObject Gateway() => (JsonObject)JsonNode.Parse(
        """
        {
          "spec":{"type":"object","required":["gatewayClassName"],"x-kubernetes-preserve-unknown-fields":true,"properties":{
            "gatewayClassName":{"type":"string"},
            "listeners":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{
              "type":"object","required":["name","port","protocol"],"x-kubernetes-preserve-unknown-fields":true,
              "properties":{"name":{"type":"string"},"port":{"type":"integer"},"protocol":{"type":"string"},"hostname":{"type":"string"} } } } } },
          "status":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{
            "conditions":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["type"],"items":{
              "type":"object","required":["type","status"],"x-kubernetes-preserve-unknown-fields":true,
              "properties":{"type":{"type":"string"},"status":{"type":"string"} } } } } }
        }
        """)!;
}
