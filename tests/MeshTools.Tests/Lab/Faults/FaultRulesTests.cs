using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Faults;

public sealed class FaultRulesTests
{
    [Fact]
    public void A_rule_hits_its_verb_and_resource_alone()
    {
        var rules = new FaultRules();
        rules.Add(new Fault(FaultKind.Throttle) { Verb = "get", Resource = "secrets" });

        Assert.Single(rules.Take("get", "secrets"));
        Assert.Empty(rules.Take("list", "secrets"));
        Assert.Empty(rules.Take("get", "pods"));
        Assert.Empty(rules.Take("get", "secrets/status"));
    }

    [Fact]
    public void A_rule_is_spent_after_its_times()
    {
        var rules = new FaultRules();
        rules.Add(new Fault(FaultKind.ServerError) { Times = 2 });

        Assert.Single(rules.Take("get", "pods"));
        Assert.Single(rules.Take("get", "pods"));
        Assert.Empty(rules.Take("get", "pods"));
        Assert.Empty(rules.Active);
    }

    [Fact]
    public void A_delay_goes_with_another_fault_and_only_the_first_other_is_counted()
    {
        var rules = new FaultRules();
        rules.Add(new Fault(FaultKind.ServerError) { Times = 1 });
        rules.Add(new Fault(FaultKind.Slow));
        rules.Add(new Fault(FaultKind.Throttle) { Times = 1 });

        Assert.Equal([FaultKind.ServerError, FaultKind.Slow], rules.Take("get", "pods").Select(fault => fault.Kind));
        Assert.Equal([FaultKind.Slow, FaultKind.Throttle], rules.Take("get", "pods").Select(fault => fault.Kind));
    }

    [Fact]
    public void A_rule_can_be_taken_back()
    {
        var rules = new FaultRules();
        var fault = new Fault(FaultKind.Down);
        rules.Add(fault);

        Assert.True(rules.Remove(fault));
        Assert.False(rules.Remove(fault));
        Assert.Empty(rules.Take("get", "pods"));
    }

    [Fact]
    public void What_means_nothing_is_refused()
    {
        var rules = new FaultRules();

        Assert.Throws<ArgumentOutOfRangeException>(() => rules.Add(new Fault(FaultKind.Down) { Times = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => rules.Add(new Fault(FaultKind.Slow) { Delay = TimeSpan.FromSeconds(-1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => rules.Add(new Fault(FaultKind.ServerError) { StatusCode = 404 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => rules.Add(new Fault(FaultKind.Throttle) { RetryAfterSeconds = -1 }));
    }
}
