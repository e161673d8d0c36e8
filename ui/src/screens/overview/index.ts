import Icon from '@lucide/svelte/icons/layout-dashboard'
import type { Screen } from '..'
import './overview.css'
import View from './View.svelte'

export const overview: Screen = { path: 'overview', label: 'ui.screen.overview', icon: Icon, place: 'shop', view: View }
