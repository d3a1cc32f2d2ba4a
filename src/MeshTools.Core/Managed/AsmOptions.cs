using MeshTools.Install;

namespace MeshTools.Managed;

/// <summary>
/// What a cluster asks of its managed control plane: <c>ASM_OPTS</c> of ConfigMap <c>asm-options</c>, <c>NAME=VALUE</c> with semicolons between (asmcli,
/// components/control-plane/managed.sh). Names that are not known here stay as they are.
/// </summary>
internal sealed class AsmOptions
{
    internal const string ConfigMap = "asm-options";
    internal const string Key = "ASM_OPTS";

    /// <summary>Whether clusters of the fleet read each other's endpoints; a key of its own in the same ConfigMap.</summary>
    internal const string MulticlusterMode = "multicluster_mode";

    private const string Authority = "CA";
    private const string Address = "CAAddr";

    private readonly IReadOnlyList<KeyValuePair<string, string?>> _items;

    private AsmOptions(IReadOnlyList<KeyValuePair<string, string?>> items) => _items = items;

    /// <summary>Reads the text. Where a name stands twice the first counts, since asmcli puts the newest first.</summary>
    internal static AsmOptions Parse(string? text) => new(
    [
        .. (text ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(item => item.Split('=', 2, StringSplitOptions.TrimEntries))
            .Select(pair => KeyValuePair.Create(pair[0], pair.Length == 2 ? pair[1] : null))
            .DistinctBy(pair => pair.Key, StringComparer.Ordinal),
    ]);

    /// <summary>The value of a name; <see langword="null"/> when it is not there.</summary>
    internal string? ValueOf(string name) => _items.FirstOrDefault(pair => string.Equals(pair.Key, name, StringComparison.Ordinal)).Value;

    /// <summary>Who signs now: CA Service by its pool, else Mesh CA; <see langword="null"/> for what this command does not set.</summary>
    internal MeshAuthority? Signer => ValueOf(Authority) switch
    {
        null or "MESHCA" => MeshAuthority.MeshCA,
        "PRIVATECA" => MeshAuthority.CaService,
        _ => null,
    };

    /// <summary>The pool of CA Service.</summary>
    internal string? Pool => ValueOf(Address);

    /// <summary>The same with an authority. Mesh CA is what there is without one.</summary>
    internal AsmOptions With(MeshAuthority authority, string? pool) => authority is MeshAuthority.CaService
        ? Set(Authority, "PRIVATECA").Set(Address, pool)
        : new AsmOptions([.. _items.Where(pair => pair.Key is not Authority and not Address)]);

    /// <summary>The text.</summary>
    /// <returns>As <c>ASM_OPTS</c> holds it.</returns>
    public override string ToString() => string.Join(';', _items.Select(pair => pair.Value is null ? pair.Key : $"{pair.Key}={pair.Value}"));

    /// <summary>Whether both say the same, in whatever order and writing.</summary>
    internal bool SaysTheSameAs(AsmOptions other) => _items.Count == other._items.Count && _items.All(pair => other._items.Contains(pair));

    private AsmOptions Set(string name, string? value)
    {
        var pair = KeyValuePair.Create(name, value);
        return new AsmOptions(
            _items.Any(item => string.Equals(item.Key, name, StringComparison.Ordinal))
                ? [.. _items.Select(item => string.Equals(item.Key, name, StringComparison.Ordinal) ? pair : item)]
                : [.. _items, pair]);
    }
}
