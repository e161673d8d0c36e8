import Icon from '@lucide/svelte/icons/flask-conical'
import type { Screen } from '..'
import Later from './Later.svelte'
import './workbench.css'

export const workbench: Screen = { path: 'workbench', label: 'ui.screen.workbench', icon: Icon, place: 'developer', view: Later }
