using System.Runtime.InteropServices;
using MeshTools.Demo;

using var ending = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
return await DemoProgram.RunAsync(args, Report.ToConsole(), Console.Error, started: null, ending.Token);

void End(PosixSignalContext signal)
{
    // The second one ends the process at once.
    signal.Cancel = !ending.IsCancellationRequested;
    ending.Cancel();
}
