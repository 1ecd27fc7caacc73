"""The networks. Parameter names are those of the published SAM checkpoints. Not for: files, resizing of photographs."""
