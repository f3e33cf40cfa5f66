// A browser cannot read other pages of a site that is opened as files: no excerpts in the search then.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
