# Writes sizes, offsets and field numbers as the package nvidia-ml-py declares them, for src/sensors/nvml/layout.test.ts.
#   python3 -m venv /some/venv && /some/venv/bin/pip install nvidia-ml-py
#   /some/venv/bin/python tools/nvml-structures.py > test/fixtures/nvml/nvidia-ml-py.json
import ctypes
import importlib.metadata
import json

import pynvml

STRUCTURES = {
    "fieldValue": "c_nvmlFieldValue_t",
    "utilisation": "c_nvmlUtilization_t",
    "memory": "c_nvmlMemory_v2_t",
    "memoryOld": "c_nvmlMemory_t",
    "processInfo": "c_nvmlProcessInfo_v3_t",
    "processSample": "c_nvmlProcessUtilizationSample_t",
    "gpmSupport": "c_nvmlGpmSupport_t",
    "gpmMetric": "c_nvmlGpmMetric_t",
    "gpmMetricsGet": "c_nvmlGpmMetricsGet_t",
}


def offsets(structure):
    return {
        "size": ctypes.sizeof(structure),
        "offsets": {field[0]: getattr(structure, field[0]).offset for field in structure._fields_},
    }


found = {}
for ours, theirs in STRUCTURES.items():
    structure = getattr(pynvml, theirs, None) or getattr(pynvml, theirs.replace("_v3", "_v2"), None)
    if structure is not None:
        found[ours] = offsets(structure)
fields = {name: getattr(pynvml, name) for name in sorted(dir(pynvml)) if name.startswith("NVML_FI_DEV_")}
metrics = {name: getattr(pynvml, name) for name in sorted(dir(pynvml)) if name.startswith("NVML_GPM_METRIC_")}
wanted = {74, 75, 77, 82, 83, 185, 186, 197, 198, 269, 270, 271}
print(json.dumps({
    "package": "nvidia-ml-py " + importlib.metadata.version("nvidia-ml-py"),
    "structures": found,
    "fields": {name: number for name, number in fields.items() if number in wanted},
    "metrics": {name: number for name, number in metrics.items() if number <= 21 or number in (60, 61)},
}, indent=1))
