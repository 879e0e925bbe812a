"""The product's main job told through its public doors: for the demo, the tests and the benchmarks."""
