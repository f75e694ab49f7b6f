"""CodeCarbon and Zeus on a fake powercap tree, told what to do by lines of JSON on stdin (bench/energy-peers.mjs).

CodeCarbon takes the folder as a parameter (`rapl_dir`); Zeus has it in a constant of its module, which is set here.
"""

import json
import logging
import os
import sys
import time
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)


def versions():
    from importlib.metadata import version

    return {"codecarbon": version("codecarbon"), "zeus": version("zeus"), "python": sys.version.split()[0]}


class CodeCarbon:
    """The CPU of CodeCarbon's tracker in RAPL mode; `measure` is what its tracker calls at every interval."""

    def __init__(self, root):
        from codecarbon.external.hardware import CPU

        self.cpu = CPU("/tmp", "intel_rapl", "fake", 100, rapl_dir=os.path.join(root, "intel-rapl", "subsystem"))
        self.joules = 0.0
        self.last = 0.0

    def begin(self):
        self.cpu.start()
        self.last = time.monotonic()

    def measure(self):
        now = time.monotonic()
        _, energy = self.cpu.measure_power_and_energy(now - self.last)
        self.last = now
        self.joules += energy.kWh * 3.6e6

    def end(self):
        self.measure()
        return self.joules

    def zones(self):
        return len(self.cpu._intel_interface._rapl_files)


class Zeus:
    """All CPUs that Zeus finds, read at both ends as its windows do; the sum of what it reports for each."""

    def __init__(self, root):
        import zeus.device.cpu.rapl as rapl

        rapl.RAPL_DIR = os.path.join(root, "intel-rapl")
        rapl.rapl_is_available.cache_clear()
        self.cpus = rapl.RAPLCPUs()
        self.first = 0.0
        # Its side process counts wraps from the first reading on; it takes a second or two to start.
        self.read()
        time.sleep(3)

    def read(self):
        total = 0.0
        for cpu in self.cpus.cpus:
            measured = cpu.get_total_energy_consumption()
            total += measured.cpu_mj / 1e3 + (measured.dram_mj or 0.0) / 1e3
        return total

    def begin(self):
        self.first = self.read()

    def measure(self):
        self.read()

    def end(self):
        return self.read() - self.first

    def zones(self):
        return sum(1 + (cpu.dram is not None) for cpu in self.cpus.cpus)

    def close(self):
        for cpu in self.cpus.cpus:
            for file in (cpu.rapl_file, cpu.dram):
                if file is not None and file._wraparound_tracker is not None:
                    file._wraparound_tracker._stop()


def main():
    meter = None
    # Libraries print; what they say is no answer.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        order = json.loads(line)
        answer = {}
        try:
            kind = order["do"]
            if kind == "versions":
                answer = versions()
            elif kind == "open":
                meter = {"codecarbon": CodeCarbon, "zeus": Zeus}[order["tool"]](order["root"])
                answer = {"zones": meter.zones()}
            elif kind == "window":
                # As long as asked, measured once a second in between.
                meter.begin()
                begun = time.monotonic_ns()
                last = time.monotonic() + order["seconds"]
                while time.monotonic() < last - 1:
                    time.sleep(1)
                    meter.measure()
                time.sleep(max(0, last - time.monotonic()))
                ended = time.monotonic_ns()
                answer = {"joules": meter.end(), "from": begun, "to": ended}
            elif kind == "reads":
                meter.begin()
                wall, cpu = time.monotonic_ns(), time.process_time_ns()
                for _ in range(order["n"]):
                    meter.measure()
                answer = {
                    "wall": (time.monotonic_ns() - wall) / order["n"],
                    "cpu": (time.process_time_ns() - cpu) / order["n"],
                }
            elif kind == "close":
                if hasattr(meter, "close"):
                    meter.close()
                meter = None
        except Exception as error:  # noqa: BLE001 - what a tool cannot do is a result
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main()
