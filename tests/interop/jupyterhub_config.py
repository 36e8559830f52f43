"""JupyterHub where people sign in by scanning a code. The first block is what you copy; the rest is for the test."""

import os

c = get_config()  # noqa: F821

issuer = os.environ["ISSUER"]
hub = os.environ["HUB_URL"]

c.JupyterHub.authenticator_class = "generic-oauth"
c.GenericOAuthenticator.login_service = "qr-login"
c.GenericOAuthenticator.client_id = os.environ["CLIENT_ID"]
c.GenericOAuthenticator.client_secret = os.environ["CLIENT_SECRET"]
c.GenericOAuthenticator.oauth_callback_url = f"{hub}/hub/oauth_callback"
c.GenericOAuthenticator.authorize_url = f"{issuer}/oauth/authorize"
c.GenericOAuthenticator.token_url = f"{issuer}/oauth/token"
c.GenericOAuthenticator.userdata_url = f"{issuer}/oauth/userinfo"
c.GenericOAuthenticator.scope = ["openid", "profile", "email", "groups"]
c.GenericOAuthenticator.username_claim = "preferred_username"
c.GenericOAuthenticator.manage_groups = True
c.GenericOAuthenticator.auth_state_groups_key = "oauth_user.groups"
c.GenericOAuthenticator.allowed_groups = {"staff"}
c.GenericOAuthenticator.admin_groups = {"staff"}
c.GenericOAuthenticator.enable_auth_state = True
c.GenericOAuthenticator.logout_redirect_url = (
    f"{issuer}/oauth/logout?client_id={os.environ['CLIENT_ID']}&post_logout_redirect_uri={hub}/hub/home"
)

# Free ports, and no notebooks.
c.JupyterHub.bind_url = hub
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{os.environ['HUB_PORT']}"
c.ConfigurableHTTPProxy.command = [os.environ["PROXY"]]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{os.environ['PROXY_PORT']}"
c.CryptKeeper.keys = [os.urandom(32)]
c.JupyterHub.default_url = "/hub/home"
