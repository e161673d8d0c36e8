import Icon from '@lucide/svelte/icons/receipt-text'
import type { Screen } from '..'
import '../../parts/list/list.css'
import './payments.css'
import View from './View.svelte'

export const payments: Screen = { path: 'payments', label: 'ui.screen.payments', icon: Icon, place: 'shop', view: View }
