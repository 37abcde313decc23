"""The interactive workbench for JupyterLab and Voila."""

from widgets.app import Workbench

__all__ = ["Workbench"]
