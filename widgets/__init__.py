"""The interactive workbench: state, controller and views; no arithmetic."""
