import { Tab, TabList } from '@fluentui/react-components'

export type Way = 'form' | 'json'

/** Chooses whether something is written by a form or as JSON; both show the same. */
export function FormOrJson({ label, value, onChange }: { label: string; value: Way; onChange: (way: Way) => void }) {
  return (
    <TabList size="small" selectedValue={value} onTabSelect={(_, d) => onChange(d.value as Way)} aria-label={label}>
      <Tab value="form">Form</Tab>
      <Tab value="json">JSON</Tab>
    </TabList>
  )
}
