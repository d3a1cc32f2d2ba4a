using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Wire;

/// <summary>
/// The same session was held with a real kube-apiserver 1.36.2: refusals of every sort, ownership of fields, patches, custom resources, reviews. Rows marked
/// loose depend on controllers or chance and only keep their status.
/// </summary>
public sealed class ComparisonTests(ComparisonTests.Session session) : IClassFixture<ComparisonTests.Session>
{
    public static TheoryData<string> Names() => new(Recording.Comparisons.Select(recording => recording.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Answers_as_the_real_one_did(string name)
    {
        var expected = Recording.Comparisons.Single(recording => string.Equals(recording.Name, name, StringComparison.Ordinal)).Expected;
        var answer = session.AnswerTo(name);
        if (expected["loose"] is not null)
        {
            Assert.True((int)expected["status"]! == answer.Status, answer.Body);
            return;
        }

        SameAnswer.Assert(name, expected, answer);
    }

    public sealed class Session : IAsyncLifetime
    {
        private readonly Dictionary<string, Answer> _answers = new(StringComparer.Ordinal);
        private LabHost? _lab;

        public Answer AnswerTo(string name) => _answers[name];

        public async Task InitializeAsync()
        {
            _lab = await LabClient.StartLabAsync();
            using var admin = new LabClient(_lab.Clusters[0]);
            foreach (var recording in Recording.Comparisons)
            {
                var request = recording.Request;
                _answers[recording.Name] = await admin.SendAsync(
                    (string)request["method"]!,
                    (string)request["path"]!,
                    (string?)request["body"],
                    (string?)request["contentType"],
                    (string?)request["accept"]);
            }
        }

        public async Task DisposeAsync()
        {
            if (_lab is not null)
            {
                await _lab.DisposeAsync();
            }
        }
    }
}
