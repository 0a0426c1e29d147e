import DefaultTheme from 'vitepress/theme';
import 'katex/dist/katex.min.css';
import BrowserDemo from './BrowserDemo.vue';
import './wide.css';

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => app.component('BrowserDemo', BrowserDemo),
};
