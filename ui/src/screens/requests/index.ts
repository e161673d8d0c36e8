import Icon from '@lucide/svelte/icons/activity'
import type { Screen } from '..'
import View from './View.svelte'
import './requests.css'

export const requests: Screen = { path: 'requests', label: 'ui.screen.requests', icon: Icon, place: 'developer', view: View }
