// Where things lie in amdgpu's `gpu_metrics`, by revision and size: the kernel changed two of its tables and kept their
// revision. From `kgd_pp_interface.h`; checked against a C compiler in test/amdgpu.test.ts. Only what is read is listed.

/** Offset, bytes of one value, how many there are. */
export type Place = readonly [offset: number, bytes: 1 | 2 | 4 | 8, count: number]
export type Layout = Readonly<Record<string, Place>>

const one = (offset: number, bytes: Place[1]): Place => [offset, bytes, 1]

/** Fields of one width, one behind the other. */
const row = (offset: number, bytes: Place[1], ...fields: readonly string[]): Layout =>
  Object.fromEntries(fields.map((field, index) => [field, one(offset + index * bytes, bytes)]))

/** Of a card: 1.0 has what moves as a whole in another place. */
const card = (temperatures: number): Layout => ({
  ...row(temperatures, 2, 'temperature_edge', 'temperature_hotspot', 'temperature_mem'),
  ...row(temperatures + 12, 2, 'average_gfx_activity', 'average_umc_activity'),
  average_socket_power: one(temperatures + 18, 2),
  current_gfxclk: one(54, 2),
  current_uclk: one(58, 2),
  throttle_status: one(68, 4),
})

const link = (offset: number, bytes: 1 | 2): Layout => row(offset, bytes, 'pcie_link_width', 'pcie_link_speed')

const v1_0: Layout = { ...card(16), energy_accumulator: one(36, 4), ...link(74, 1) }
const v1_1: Layout = { ...card(4), energy_accumulator: one(24, 8), ...link(74, 2) }
const v1_3: Layout = { ...v1_1, indep_throttle_status: one(112, 8) }

/** Where a revision has the blocks of a server card's table; within each nothing ever moved. */
interface ServerBlocks {
  readonly energy: number
  readonly width: number
  readonly bandwidth: number
  readonly xgmi: number
  readonly clocks: number
}

const server = ({ energy, width, bandwidth, xgmi, clocks }: ServerBlocks): Layout => ({
  ...row(4, 2, 'temperature_hotspot', 'temperature_mem'),
  ...row(10, 2, 'curr_socket_power', 'average_gfx_activity', 'average_umc_activity'),
  energy_accumulator: one(energy, 8),
  ...link(width, 2),
  ...row(bandwidth, 8, 'pcie_bandwidth_acc', 'pcie_bandwidth_inst'),
  xgmi_read_data_acc: [xgmi, 8, 8],
  xgmi_write_data_acc: [xgmi + 64, 8, 8],
  current_gfxclk: [clocks, 2, 8],
  current_uclk: one(clocks + 40, 2),
})

const residencies = [
  'accumulation_counter',
  'prochot_residency_acc',
  'ppt_residency_acc',
  'socket_thm_residency_acc',
  'vr_thm_residency_acc',
  'hbm_thm_residency_acc',
] as const

const v1_4: Layout = {
  ...server({ energy: 24, width: 48, bandwidth: 64, xgmi: 104, clocks: 240 }),
  throttle_status: one(40, 4),
}
const v1_5: Layout = {
  ...server({ energy: 88, width: 112, bandwidth: 128, xgmi: 176, clocks: 312 }),
  throttle_status: one(104, 4),
}
const v1_6early: Layout = {
  ...server({ energy: 88, width: 136, bandwidth: 152, xgmi: 200, clocks: 336 }),
  ...row(104, 4, ...residencies),
  throttle_status: one(128, 4),
}
const v1_6: Layout = {
  ...server({ energy: 16, width: 60, bandwidth: 80, xgmi: 128, clocks: 264 }),
  ...row(32, 4, ...residencies),
}
const v1_7: Layout = {
  ...server({ energy: 24, width: 68, bandwidth: 88, xgmi: 136, clocks: 296 }),
  ...row(40, 4, ...residencies),
}

const apu = (temperatures: number, power: number): Layout => ({
  ...row(temperatures, 2, 'temperature_gfx', 'temperature_soc'),
  average_gfx_activity: one(temperatures + 24, 2),
  average_socket_power: one(power, 2),
  average_gfx_power: one(power + 6, 2),
  current_gfxclk: one(power + 36, 2),
  throttle_status: one(power + 68, 4),
})

const v2_0: Layout = apu(16, 44)
const v2_1: Layout = apu(4, 40)
const v2_2: Layout = { ...v2_1, indep_throttle_status: one(120, 8) }

const v3_0: Layout = {
  average_gfx_activity: one(42, 2),
  average_ipu_activity: [46, 2, 8],
  average_dram_reads: one(94, 2),
  average_dram_writes: one(96, 2),
  average_socket_power: one(112, 4),
  average_gfx_power: one(124, 4),
}

/** By `format.content/structure_size`. */
export const layouts: Readonly<Record<string, Layout>> = {
  '1.0/80': v1_0,
  '1.1/96': v1_1,
  '1.2/104': v1_1,
  '1.3/120': v1_3,
  '1.4/288': v1_4,
  '1.5/360': v1_5,
  '1.6/384': v1_6early,
  '1.6/1664': v1_6,
  '1.7/2208': v1_7,
  '1.8/3360': v1_7,
  '1.8/3872': v1_7,
  '2.0/120': v2_0,
  '2.1/120': v2_1,
  '2.2/128': v2_2,
  '2.3/152': v2_2,
  '2.4/168': v2_2,
  '3.0/264': v3_0,
}

/** enum amdgpu_metrics_attr_unit, as far as it is used. */
const units = { none: 0, megahertz: 1, celsius: 2, watts: 3, gigabytesPerSecond: 8, kilobytes: 9, percent: 10 } as const

/** enum amdgpu_metrics_attr_id: name and unit by number, of revision 1.9. */
export const attributeIds: Readonly<Record<number, readonly [name: string, unit: number]>> = {
  0: ['temperature_hotspot', units.celsius],
  1: ['temperature_mem', units.celsius],
  3: ['curr_socket_power', units.watts],
  4: ['average_gfx_activity', units.percent],
  5: ['average_umc_activity', units.percent],
  7: ['energy_accumulator', units.none],
  ...Object.fromEntries(residencies.map((name, index) => [9 + index, [name, units.none] as const])),
  23: ['pcie_bandwidth_inst', units.gigabytesPerSecond],
  29: ['xgmi_read_data_acc', units.kilobytes],
  30: ['xgmi_write_data_acc', units.kilobytes],
  33: ['current_gfxclk', units.megahertz],
  37: ['current_uclk', units.megahertz],
}
