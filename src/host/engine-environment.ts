// The environment of processes that load an engine.

/**
 * ONNX Runtime's builds for Linux and macOS from 1.29 on send the names and hashes of models, among others, to their maker unless
 * told not to (PR 27379). A profiler that did so would break its word that nothing is uploaded. A setting of the user's stays.
 */
export const engineEnvironment = (): NodeJS.ProcessEnv => ({ ORT_DISABLE_TELEMETRY: '1', ...process.env })
