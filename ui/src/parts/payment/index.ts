import './payment.css'

export { default as Pane } from './Pane.svelte'
