using MeshTools.Benchmarks;

return await BenchmarkProgram.RunAsync(args);
