import Icon from '@lucide/svelte/icons/settings'
import type { Screen } from '..'
import View from './View.svelte'
import './settings.css'

export const settings: Screen = { path: 'settings', label: 'ui.screen.settings', icon: Icon, place: 'foot', view: View }
