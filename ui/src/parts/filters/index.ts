import './filters.css'

export { default as Amounts } from './Amounts.svelte'
export { default as Chip } from './Chip.svelte'
export { default as Days } from './Days.svelte'
