using FsCheck;
using FsCheck.Fluent;
using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

public class KubeconfigMergeProperties
{
    /// <summary>Files as lists of (context name, server number); the model of the merge is "first definition wins".</summary>
    [Fact]
    public void The_first_definition_of_each_name_wins() =>
        Prop.ForAll(Gen.Choose(0, 5).Zip(Gen.Choose(0, 99)).ListOf().Resize(5).ListOf().Resize(5).ToArbitrary(), files =>
        {
            using var folder = new TemporaryFolder();
            var paths = new List<string>();
            var expected = new Dictionary<string, string>(StringComparer.Ordinal);
            string? current = null;
            foreach (var (entries, index) in files.Select((f, i) => (f.DistinctBy(e => e.Item1).ToList(), i)))
            {
                var clusters = string.Concat(entries.Select(e => $"- {{name: c{e.Item1}, cluster: {{server: 'https://h{e.Item2}-{index}'}}}}\n"));
                var contexts = string.Concat(entries.Select(e => $"- {{name: x{e.Item1}, context: {{cluster: c{e.Item1}}}}}\n"));
                var own = entries.Count > 0 ? $"x{entries[0].Item1}" : "";
                paths.Add(folder.Write($"f{index}", $"clusters:\n{clusters}contexts:\n{contexts}current-context: '{own}'\n"));
                foreach (var (name, server) in entries)
                    expected.TryAdd($"x{name}", $"https://h{server}-{index}/");
                current ??= own.Length > 0 ? own : null;
            }

            var merged = Kubeconfig.Load(paths);
            Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), merged.Contexts.Select(c => c.Name).Order(StringComparer.Ordinal));
            foreach (var (name, server) in expected)
                Assert.Equal(server, merged.CreateConfiguration(name).Server.AbsoluteUri);
            Assert.Equal(current, merged.CurrentContext);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
}
