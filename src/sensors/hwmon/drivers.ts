// What is known of hwmon drivers: whose temperatures and watts theirs are, and which belong to another sensor. Labels and
// units are those of Documentation/hwmon and of the drivers' sources (Linux 6.x).
import type { Scope } from '../../run/channel.ts'

export interface HwmonDriver {
  /** Temperatures that are read: the first pattern that fits any label is the one; none where it is left out. */
  readonly temperatures?: { readonly scope: Scope; readonly labels: readonly RegExp[] }
  /** Power and energy by label (or by the name of the file, where there is none) that have a known place. */
  readonly power?: readonly { readonly label: RegExp; readonly scope: Scope }[]
  /** Volts and amperes instead of watts: `in` and `curr` of the same number are multiplied. */
  readonly rails?: true
}

export const hwmonDrivers: Readonly<Record<string, HwmonDriver>> = {
  // A core's own temperature costs an interrupt to that core; the package's is enough. Updated once a second.
  coretemp: { temperatures: { scope: 'package', labels: [/^Package id \d+$/, /^Core \d+$/] } },
  // Tctl carries an offset for the fan control on some parts; Tdie is what was measured.
  k10temp: { temperatures: { scope: 'package', labels: [/^Tdie$/, /^Tctl$/, /^temp1$/] } },
  zenpower: { temperatures: { scope: 'package', labels: [/^Tdie$/, /^Tctl$/] } },
  fam15h_power: { power: [{ label: /^power1$/, scope: 'package' }] },
  // The same registers as RAPL, socket by socket; left out of mainline in 5.13, still built by some.
  amd_energy: { power: [{ label: /^Esocket\d+$/, scope: 'package' }] },
  apm_xgene: {
    temperatures: { scope: 'package', labels: [/^SoC Temperature$/] },
    power: [{ label: /^CPU power$/, scope: 'package' }],
  },
  // Jetson modules: VDD_IN is what the module draws, the other rails lie within it.
  ina3221: { rails: true, power: [{ label: /^VDD_IN$/, scope: 'system' }] },
  macsmc_hwmon: { power: [{ label: /^Total System Power$/, scope: 'system' }] },
  nvme: { temperatures: { scope: 'zone', labels: [/^Composite$/] } },
}

/** Drivers whose readings another sensor gives, and which. */
export const ownedElsewhere: Readonly<Record<string, string>> = {
  amdgpu: 'amdgpu',
  i915: 'intel-gpu',
  xe: 'intel-gpu',
  power_meter: 'acpi-meter',
}

/** Labels of single cores' counters: a hundred files that say in parts what the socket's says whole. */
export const tooFine: RegExp = /^Ecore\d+$/
