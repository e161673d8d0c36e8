import { mount } from 'svelte'
import { useHost } from './ipc'
import { tauri } from './ipc/tauri'
import App from './shell/App.svelte'
import './styles/tokens.css'
import './styles/parts.css'
import './styles/more.css'

useHost(tauri)
const target = document.getElementById('app')
if (target) mount(App, { target })
