using System.Globalization;
using System.Text;
using MeshTools.Clusters;

namespace MeshTools.Verify;

/// <summary>
/// Draws pairs as a matrix. Columns have numbers and rows have number and name, so that ten clusters with long names fit into 80 columns; a cell is the number of answers, or
/// the place that fails.
/// </summary>
internal static class ConnectivityMatrix
{
    private const int LongestName = 26;

    internal static string Write(MeshConnectivity mesh, int width)
    {
        width = Math.Max(width, 40);
        var text = new StringBuilder();
        var failed = mesh.Results.Count(result => !result.Passed);
        var failures = mesh.FailedCalls > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {mesh.FailedCalls} calls failed") : "";
        Wrapped(text, $"{(mesh.Passed ? "Passed" : "FAILED")}: {mesh} to {mesh.Service}{failures}", 0, width);
        text.Append('\n');
        var numbers = mesh.Cluster.Select((cluster, i) => (cluster, number: i + 1)).ToDictionary(pair => pair.cluster.Entry(), pair => pair.number);
        MeshCluster[] targets = [.. mesh.Targets.OrderBy(target => numbers.GetValueOrDefault(target.Entry()))];
        if (mesh.Cluster.Count > 0)
            Table(text, mesh, targets, numbers, width);
        if (targets.Length > 0)
            text.Append("\nRows call, columns answer: answers of so many calls, or where it fails.\n");
        if (failed > 0 || mesh.Unreadable.Count > 0)
            text.Append('\n');
        foreach (var cluster in mesh.Unreadable)
            text.Append(CultureInfo.InvariantCulture, $"{cluster.Name}: could not be read\n");
        foreach (var group in mesh.Results.Where(result => !result.Passed).GroupBy(result => (result.FailingHop, result.Reason, result.Fix, Own: result.FailingHop is ConnectivityHop.Client ? result.Source.Name : "")))
            Problem(text, [.. group], width);
        var notes = mesh.Results.Where(result => result is { Passed: true, Note: not null }).GroupBy(result => result.Note, StringComparer.Ordinal).ToArray();
        if (notes.Length > 0)
            text.Append('\n');
        foreach (var note in notes)
            Wrapped(text, $"{Pairs([.. note])}: {note.Key}", 0, width);
        return text.ToString().TrimEnd('\n');
    }

    private static void Table(StringBuilder text, MeshConnectivity mesh, MeshCluster[] targets, Dictionary<(string, string?), int> numbers, int width)
    {
        var numberWidth = mesh.Cluster.Count.ToString(CultureInfo.InvariantCulture).Length;
        var nameWidth = Math.Min(LongestName, mesh.Cluster.Max(cluster => cluster.ShortName.Length));
        var cellWidth = Math.Max(5, numberWidth + 1);
        // More targets than fit go on below, under the same rows.
        var fit = Math.Max(1, (width - numberWidth - nameWidth - 2) / (cellWidth + 1));
        foreach (var part in targets.Chunk(fit))
        {
            text.Append(' ', numberWidth + 1 + nameWidth).Append(' ');
            text.AppendJoin(' ', part.Select(target => numbers[target.Entry()].ToString(CultureInfo.InvariantCulture).PadLeft(cellWidth))).Append('\n');
            foreach (var source in mesh.Cluster)
            {
                text.Append(numbers[source.Entry()].ToString(CultureInfo.InvariantCulture).PadLeft(numberWidth)).Append(' ').Append(Short(source.ShortName, nameWidth).PadRight(nameWidth)).Append(' ');
                text.AppendJoin(' ', part.Select(target => Cell(mesh, source, target).PadLeft(cellWidth))).Append('\n');
            }

            if (part.Length < targets.Length && part[^1] != targets[^1])
                text.Append('\n');
        }
    }

    private static string Cell(MeshConnectivity mesh, MeshCluster source, MeshCluster target)
    {
        if (mesh.Results.FirstOrDefault(result => result.Source.Entry() == source.Entry() && result.Target.Entry() == target.Entry()) is not { } result)
            return "?";
        if (result.Passed)
            return result.Succeeded > 0 ? result.Succeeded.ToString(CultureInfo.InvariantCulture) : "ok";
        return result.FailingHop switch
        {
            ConnectivityHop.Client => "CLNT",
            ConnectivityHop.Link => "LINK",
            ConnectivityHop.Endpoints => "ENDP",
            ConnectivityHop.Network => "NETW",
            ConnectivityHop.GatewayAddress => "ADDR",
            ConnectivityHop.GatewayPort => "PORT",
            ConnectivityHop.Exposure => "EXPO",
            ConnectivityHop.Trust => "TRUST",
            ConnectivityHop.Application => "APP",
            _ => "FAIL",
        };
    }

    private static void Problem(StringBuilder text, IReadOnlyList<ConnectivityResult> results, int width)
    {
        var first = results[0];
        Wrapped(text, $"{Pairs(results)}: {(first.FailingHop is ConnectivityHop.None ? "" : first.FailingHop + ": ")}{first.Reason}", 0, width);
        if (first.Fix is { } fix)
            Wrapped(text, $"fix: {fix}", 2, width);
    }

    private static string Pairs(IReadOnlyList<ConnectivityResult> results) =>
        results.Count <= 3 ? string.Join(", ", results) : string.Create(CultureInfo.InvariantCulture, $"{results[0]}, {results[1]} and {results.Count - 2} more");

    private static string Short(string name, int width) => name.Length <= width ? name : string.Concat(name.AsSpan(0, (width / 2) - 1), "..", name.AsSpan(name.Length - (width - (width / 2) - 1)));

    private static void Wrapped(StringBuilder text, string paragraph, int indent, int width)
    {
        var line = new StringBuilder().Append(' ', indent);
        var empty = true;
        foreach (var word in paragraph.Split(' '))
        {
            if (!empty && line.Length + 1 + word.Length > width)
            {
                text.Append(line).Append('\n');
                line.Clear().Append(' ', indent + 2);
                empty = true;
            }

            line.Append(empty ? "" : " ").Append(word);
            empty = false;
        }

        text.Append(line).Append('\n');
    }
}
