import Icon from '@lucide/svelte/icons/qr-code'
import type { Screen } from '..'
import './collect.css'
import View from './View.svelte'

export const collect: Screen = { path: 'collect', label: 'ui.screen.collect', icon: Icon, place: 'shop', view: View }
