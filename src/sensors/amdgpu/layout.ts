// Where things lie in amdgpu's `gpu_metrics`, by revision and size: the kernel changed two of its tables and kept their
// revision. From `kgd_pp_interface.h`; checked against a C compiler in test/amdgpu.test.ts. Only what is read is listed.

/** Offset, bytes of one value, how many there are. */
export type Place = readonly [offset: number, bytes: 1 | 2 | 4 | 8, count: number]
export type Layout = Readonly<Record<string, Place>>

const one = (offset: number, bytes: 1 | 2 | 4 | 8): Place => [offset, bytes, 1]

const v1_0: Layout = {
  temperature_edge: one(16, 2),
  temperature_hotspot: one(18, 2),
  temperature_mem: one(20, 2),
  average_gfx_activity: one(28, 2),
  average_umc_activity: one(30, 2),
  average_socket_power: one(34, 2),
  energy_accumulator: one(36, 4),
  throttle_status: one(68, 4),
  current_gfxclk: one(54, 2),
  current_uclk: one(58, 2),
  pcie_link_width: one(74, 1),
  pcie_link_speed: one(75, 1),
}

const v1_1: Layout = {
  temperature_edge: one(4, 2),
  temperature_hotspot: one(6, 2),
  temperature_mem: one(8, 2),
  average_gfx_activity: one(16, 2),
  average_umc_activity: one(18, 2),
  average_socket_power: one(22, 2),
  energy_accumulator: one(24, 8),
  throttle_status: one(68, 4),
  current_gfxclk: one(54, 2),
  current_uclk: one(58, 2),
  pcie_link_width: one(74, 2),
  pcie_link_speed: one(76, 2),
}

const v1_3: Layout = { ...v1_1, indep_throttle_status: one(112, 8) }

const v1_4: Layout = {
  temperature_hotspot: one(4, 2),
  temperature_mem: one(6, 2),
  curr_socket_power: one(10, 2),
  average_gfx_activity: one(12, 2),
  average_umc_activity: one(14, 2),
  energy_accumulator: one(24, 8),
  pcie_link_width: one(48, 2),
  pcie_link_speed: one(50, 2),
  pcie_bandwidth_acc: one(64, 8),
  pcie_bandwidth_inst: one(72, 8),
  xgmi_read_data_acc: [104, 8, 8],
  xgmi_write_data_acc: [168, 8, 8],
  current_gfxclk: [240, 2, 8],
  current_uclk: one(280, 2),
  throttle_status: one(40, 4),
}

const v1_5: Layout = {
  temperature_hotspot: one(4, 2),
  temperature_mem: one(6, 2),
  curr_socket_power: one(10, 2),
  average_gfx_activity: one(12, 2),
  average_umc_activity: one(14, 2),
  energy_accumulator: one(88, 8),
  pcie_link_width: one(112, 2),
  pcie_link_speed: one(114, 2),
  pcie_bandwidth_acc: one(128, 8),
  pcie_bandwidth_inst: one(136, 8),
  xgmi_read_data_acc: [176, 8, 8],
  xgmi_write_data_acc: [240, 8, 8],
  current_gfxclk: [312, 2, 8],
  current_uclk: one(352, 2),
  throttle_status: one(104, 4),
}

const v1_6early: Layout = {
  temperature_hotspot: one(4, 2),
  temperature_mem: one(6, 2),
  curr_socket_power: one(10, 2),
  average_gfx_activity: one(12, 2),
  average_umc_activity: one(14, 2),
  energy_accumulator: one(88, 8),
  pcie_link_width: one(136, 2),
  pcie_link_speed: one(138, 2),
  pcie_bandwidth_acc: one(152, 8),
  pcie_bandwidth_inst: one(160, 8),
  xgmi_read_data_acc: [200, 8, 8],
  xgmi_write_data_acc: [264, 8, 8],
  current_gfxclk: [336, 2, 8],
  current_uclk: one(376, 2),
  accumulation_counter: one(104, 4),
  prochot_residency_acc: one(108, 4),
  ppt_residency_acc: one(112, 4),
  socket_thm_residency_acc: one(116, 4),
  vr_thm_residency_acc: one(120, 4),
  hbm_thm_residency_acc: one(124, 4),
  throttle_status: one(128, 4),
}

const v1_6: Layout = {
  temperature_hotspot: one(4, 2),
  temperature_mem: one(6, 2),
  curr_socket_power: one(10, 2),
  average_gfx_activity: one(12, 2),
  average_umc_activity: one(14, 2),
  energy_accumulator: one(16, 8),
  pcie_link_width: one(60, 2),
  pcie_link_speed: one(62, 2),
  pcie_bandwidth_acc: one(80, 8),
  pcie_bandwidth_inst: one(88, 8),
  xgmi_read_data_acc: [128, 8, 8],
  xgmi_write_data_acc: [192, 8, 8],
  current_gfxclk: [264, 2, 8],
  current_uclk: one(304, 2),
  accumulation_counter: one(32, 4),
  prochot_residency_acc: one(36, 4),
  ppt_residency_acc: one(40, 4),
  socket_thm_residency_acc: one(44, 4),
  vr_thm_residency_acc: one(48, 4),
  hbm_thm_residency_acc: one(52, 4),
}

const v1_7: Layout = {
  temperature_hotspot: one(4, 2),
  temperature_mem: one(6, 2),
  curr_socket_power: one(10, 2),
  average_gfx_activity: one(12, 2),
  average_umc_activity: one(14, 2),
  energy_accumulator: one(24, 8),
  pcie_link_width: one(68, 2),
  pcie_link_speed: one(70, 2),
  pcie_bandwidth_acc: one(88, 8),
  pcie_bandwidth_inst: one(96, 8),
  xgmi_read_data_acc: [136, 8, 8],
  xgmi_write_data_acc: [200, 8, 8],
  current_gfxclk: [296, 2, 8],
  current_uclk: one(336, 2),
  accumulation_counter: one(40, 4),
  prochot_residency_acc: one(44, 4),
  ppt_residency_acc: one(48, 4),
  socket_thm_residency_acc: one(52, 4),
  vr_thm_residency_acc: one(56, 4),
  hbm_thm_residency_acc: one(60, 4),
}

const v2_0: Layout = {
  temperature_gfx: one(16, 2),
  temperature_soc: one(18, 2),
  average_gfx_activity: one(40, 2),
  average_socket_power: one(44, 2),
  average_gfx_power: one(50, 2),
  throttle_status: one(112, 4),
  current_gfxclk: one(80, 2),
}

const v2_1: Layout = {
  temperature_gfx: one(4, 2),
  temperature_soc: one(6, 2),
  average_gfx_activity: one(28, 2),
  average_socket_power: one(40, 2),
  average_gfx_power: one(46, 2),
  throttle_status: one(108, 4),
  current_gfxclk: one(76, 2),
}

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
  9: ['accumulation_counter', units.none],
  10: ['prochot_residency_acc', units.none],
  11: ['ppt_residency_acc', units.none],
  12: ['socket_thm_residency_acc', units.none],
  13: ['vr_thm_residency_acc', units.none],
  14: ['hbm_thm_residency_acc', units.none],
  23: ['pcie_bandwidth_inst', units.gigabytesPerSecond],
  29: ['xgmi_read_data_acc', units.kilobytes],
  30: ['xgmi_write_data_acc', units.kilobytes],
  33: ['current_gfxclk', units.megahertz],
  37: ['current_uclk', units.megahertz],
}
