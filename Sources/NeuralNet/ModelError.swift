import ModelFiles

/// Networks and their files have the same errors.
public typealias ModelError = ModelFiles.ModelError
