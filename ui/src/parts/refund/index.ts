import './refund.css'

export { default as RefundSheet } from './RefundSheet.svelte'
export { isOpen } from './shape'
