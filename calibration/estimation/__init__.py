"""From a likelihood to a posterior: how reported figures and facts from elsewhere say which parameters are likely."""
