"""The process under test: ONNX Runtime sessions, requests on schedule, JSON lines to its parent.

Only the standard library, numpy and onnxruntime; Python 3.8 and later, so that any ONNX Runtime in any
virtual environment can be profiled. Nobody imports this package: `__main__` starts it by file path.

Protocol: one JSON object a line, the parent's on stdin, ours on (a private copy of) stdout.

    workload -> {"event": "hello", "pid", "python", "ort_version", "ort_library", "providers"}
    parent   -> {"command": "open", "sessions": [SESSION, ...][, "global_pool": {"threads",
                 "inter_op_threads"}]}; a second one replaces the sessions
    SESSION:    {"model", "threads", "inter_op_threads", "execution_mode", "entries", "callers",
                 "providers": [name or [name, options], ...],
                 "batch", "tokens", "most_tokens", "dims", "seed", "named": {name: [word, number, ...]},
                 "files": path of an .npz or null, "sets": [{name: key or list of keys}, ...], "order"
                 [, "profile_prefix"]}
    workload -> {"event": "ready", "pools": [POOL, ...], "sessions": [OPENED, ...]}
    POOL:       {"role": intra-op, inter-op or global, "tids"}
    OPENED:     {"callers": tids, "pools": [POOL, ...], "inputs": see `feeds.described`,
                 "first_inference_ns"}; the first session's first caller is the thread that reads commands
    parent   -> {"command": "run", "phase", "seconds", "loads": [{"arrivals", "rate", "seed"}, one a
                 session][, "requests"][, "start_ns", "queues"]}; the last two where several
                 processes serve the same queues: their common start, and a file of a number a session
    workload -> {"event": "started", "phase", "start_ns"}
                {"event": "requests", "phase", "rows": [[scheduled_ns, start_ns, end_ns, cpu_ns, cpu_clock_ns,
                 caller, input set], ...]} ...; callers count from 0, session after session
                {"event": "done", "phase", "end_ns", "stopped", "unserved"}
    parent   -> {"command": "end_profiling"}, of sessions that were opened with a "profile_prefix"
    workload -> {"event": "profile", "path", "start_ns", "realtime_ns", "monotonic_ns"}, the first session's
    parent   -> {"command": "stop"} ends a phase early; {"command": "exit"}, or end of file, ends us
    workload -> {"event": "error", "stage", "message"} and then exits: stage is import, global pool,
                session, inputs or inference
"""
