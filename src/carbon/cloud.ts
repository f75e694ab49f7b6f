// Cloud regions: the country whose grid they stand in, and the PUE that the provider publishes for its whole fleet. A country
// is coarser than a grid: Oregon's hydro and Virginia's gas are both USA.
// Regions: AWS botocore 1.44.8 `partitions.json`; Google Cloud region-carbon-info 2024 (its Location column); Azure
// learn.microsoft.com/azure/reliability/regions-list. Air-gapped regions are left out: where they stand is not published.

export interface PublishedPue {
  readonly value: number
  /** The year it was measured over. */
  readonly year: number
  readonly source: string
}

export interface CloudProvider {
  readonly id: 'aws' | 'gcp' | 'azure'
  readonly name: string
  readonly pue: PublishedPue
  /** Names of regions, separated by blanks, by the code of their country. */
  readonly regions: Readonly<Record<string, string>>
}

export const cloudProviders: readonly CloudProvider[] = [
  {
    id: 'aws',
    name: 'AWS',
    pue: { value: 1.14, year: 2025, source: 'sustainability.aboutamazon.com, “average global PUE”' },
    regions: {
      ARE: 'me-central-1',
      AUS: 'ap-southeast-2 ap-southeast-4',
      BHR: 'me-south-1',
      BRA: 'sa-east-1',
      CAN: 'ca-central-1 ca-west-1',
      CHE: 'eu-central-2',
      CHL: 'sa-west-1',
      CHN: 'cn-north-1 cn-northwest-1',
      DEU: 'eu-central-1 eusc-de-east-1',
      ESP: 'eu-south-2',
      FRA: 'eu-west-3',
      GBR: 'eu-west-2',
      HKG: 'ap-east-1',
      IDN: 'ap-southeast-3',
      IND: 'ap-south-1 ap-south-2',
      IRL: 'eu-west-1',
      ISR: 'il-central-1',
      ITA: 'eu-south-1',
      JPN: 'ap-northeast-1 ap-northeast-3',
      KOR: 'ap-northeast-2',
      MEX: 'mx-central-1',
      MYS: 'ap-southeast-5',
      NZL: 'ap-southeast-6',
      SAU: 'me-west-1',
      SGP: 'ap-southeast-1',
      SWE: 'eu-north-1',
      THA: 'ap-southeast-7',
      TWN: 'ap-east-2',
      USA: 'us-east-1 us-east-2 us-west-1 us-west-2 us-gov-east-1 us-gov-west-1',
      ZAF: 'af-south-1',
    },
  },
  {
    id: 'gcp',
    name: 'Google Cloud',
    pue: { value: 1.09, year: 2025, source: 'datacenters.google/efficiency, “global fleet of data centers”' },
    regions: {
      AUS: 'australia-southeast1 australia-southeast2',
      BEL: 'europe-west1',
      BRA: 'southamerica-east1',
      CAN: 'northamerica-northeast1 northamerica-northeast2',
      CHE: 'europe-west6',
      CHL: 'southamerica-west1',
      DEU: 'europe-west3 europe-west10',
      ESP: 'europe-southwest1',
      FIN: 'europe-north1',
      FRA: 'europe-west9',
      GBR: 'europe-west2',
      HKG: 'asia-east2',
      IDN: 'asia-southeast2',
      IND: 'asia-south1 asia-south2',
      ISR: 'me-west1',
      ITA: 'europe-west8 europe-west12',
      JPN: 'asia-northeast1 asia-northeast2',
      KOR: 'asia-northeast3',
      MEX: 'northamerica-south1',
      NLD: 'europe-west4',
      POL: 'europe-central2',
      QAT: 'me-central1',
      SAU: 'me-central2',
      SGP: 'asia-southeast1',
      SWE: 'europe-north2',
      TWN: 'asia-east1',
      USA: 'us-central1 us-central2 us-east1 us-east2 us-east4 us-east5 us-south1 us-west1 us-west2 us-west3 us-west4',
      ZAF: 'africa-south1',
    },
  },
  {
    id: 'azure',
    name: 'Azure',
    pue: {
      value: 1.17,
      year: 2025,
      source: 'datacenters.microsoft.com/sustainability/efficiency, global (fiscal year)',
    },
    regions: {
      ARE: 'uaecentral uaenorth',
      AUS: 'australiacentral australiacentral2 australiaeast australiasoutheast',
      AUT: 'austriaeast',
      BEL: 'belgiumcentral',
      BRA: 'brazilsouth brazilsoutheast',
      CAN: 'canadacentral canadaeast',
      CHE: 'switzerlandnorth switzerlandwest',
      CHL: 'chilecentral',
      CHN: 'chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3',
      DEU: 'germanynorth germanywestcentral',
      DNK: 'denmarkeast',
      ESP: 'spaincentral',
      FRA: 'francecentral francesouth',
      GBR: 'uksouth ukwest',
      HKG: 'eastasia',
      IDN: 'indonesiacentral',
      IND: 'centralindia indiasouthcentral jioindiacentral jioindiawest southindia westindia',
      IRL: 'northeurope',
      ISR: 'israelcentral',
      ITA: 'italynorth',
      JPN: 'japaneast japanwest',
      KOR: 'koreacentral koreasouth',
      MEX: 'mexicocentral',
      MYS: 'malaysiawest',
      NLD: 'westeurope',
      NOR: 'norwayeast norwaywest',
      NZL: 'newzealandnorth',
      POL: 'polandcentral',
      QAT: 'qatarcentral',
      SGP: 'southeastasia',
      SWE: 'swedencentral swedensouth',
      USA:
        'centralus eastus eastus2 northcentralus southcentralus westcentralus westus westus2 westus3 ' +
        'usgovarizona usgovtexas usgovvirginia usdodcentral usdodeast',
      ZAF: 'southafricanorth southafricawest',
    },
  },
]

export interface CloudRegion {
  /** `aws:eu-north-1` */
  readonly id: string
  readonly provider: CloudProvider
  /** Code of the country in `grid.ts`. */
  readonly country: string
}

export const cloudRegions: readonly CloudRegion[] = cloudProviders.flatMap((provider) =>
  Object.entries(provider.regions).flatMap(([country, names]) =>
    names.split(' ').map((name) => ({ id: `${provider.id}:${name}`, provider, country })),
  ),
)

/** By `provider:region`, or by the region's name alone where one provider has it; in lower case. */
export function findCloudRegion(text: string): CloudRegion | undefined {
  const found = cloudRegions.filter(({ id }) => id === text || id.slice(id.indexOf(':') + 1) === text)
  return found.length === 1 ? found[0] : undefined
}
