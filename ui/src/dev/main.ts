// `npm run dev`, then /dev.html: the page in a plain browser on made-up data. Not part of the product's build.
import { mount } from 'svelte'
import { useHost } from '../ipc'
import App from '../shell/App.svelte'
import '../styles/tokens.css'
import '../styles/parts.css'
import '../styles/more.css'
import { withTill } from './collect'
import { madeUp } from './host'
import { withWorkbench } from './workbench'

useHost(withWorkbench(withTill(madeUp())))
const target = document.getElementById('app')
if (target) mount(App, { target })
