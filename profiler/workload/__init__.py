"""The process under test: one ONNX Runtime session, requests on schedule, JSON lines to its parent.

Only the standard library, numpy and onnxruntime; Python 3.8 and later, so that any ONNX Runtime in any
virtual environment can be profiled. Nobody imports this package: `__main__` starts it by file path.

Protocol: one JSON object a line, the parent's on stdin, ours on (a private copy of) stdout.

    workload -> {"event": "hello", "pid", "python", "ort_version", "ort_library"}
    parent   -> {"command": "open", "model", "threads", "inter_op_threads", "execution_mode", "entries",
                 "batch", "tokens", "dims", "seed"[, "profile_prefix"]}; a second one replaces the session
    workload -> {"event": "ready", "calling_tid", "pool_tids", "inputs", "first_inference_ns"}
    parent   -> {"command": "run", "phase", "seconds", "arrivals", "rate", "seed"[, "requests"]}
    workload -> {"event": "started", "phase", "start_ns"}
                {"event": "requests", "phase",
                 "rows": [[scheduled_ns, start_ns, end_ns, cpu_ns, cpu_clock_ns], ...]} ...
                {"event": "done", "phase", "end_ns", "stopped", "unserved"}
    parent   -> {"command": "end_profiling"}, of a session that was opened with a "profile_prefix"
    workload -> {"event": "profile", "path", "start_ns", "realtime_ns", "monotonic_ns"}
    parent   -> {"command": "stop"} ends a phase early; {"command": "exit"}, or end of file, ends us
    workload -> {"event": "error", "stage", "message"} and then exits: stage is import, session, inputs
                or inference
"""
