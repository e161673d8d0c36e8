import Icon from '@lucide/svelte/icons/undo-2'
import type { Screen } from '..'
import '../../parts/list/list.css'
import './refunds.css'
import View from './View.svelte'

export const refunds: Screen = { path: 'refunds', label: 'ui.screen.refunds', icon: Icon, place: 'shop', view: View }
