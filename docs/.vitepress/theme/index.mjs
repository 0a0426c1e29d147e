import DefaultTheme from 'vitepress/theme';
import BrowserDemo from './BrowserDemo.vue';
import './wide.css';

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => app.component('BrowserDemo', BrowserDemo),
};
