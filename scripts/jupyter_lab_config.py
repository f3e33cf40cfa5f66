"""JupyterLab as ``make lab`` starts it: on this machine only, and without asking the network for anything."""

from pathlib import Path

c = get_config()  # noqa: F821 (Jupyter defines it)
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.allow_root = True  # matters in containers, where there is nobody else
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
c.LabApp.app_settings_dir = str(Path(__file__).with_name("lab"))  # cells note when they ran, for `grader report`


def for_learners(handler, page):
    """Leave out the question about Jupyter's news, and the tool that makes assignments of notebooks."""
    unwanted = ["@jupyterlab/apputils-extension:announcements", "@jupyter/nbgrader:create-assignment"]
    page["disabledExtensions"] += unwanted
    return page


c.ServerApp.tornado_settings = {"page_config_hook": for_learners}
