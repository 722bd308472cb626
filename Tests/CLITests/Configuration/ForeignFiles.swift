/// Files of other programs as operators have them.
enum ForeignFiles {
  static let claudeDesktop = """
    {
      "globalShortcut": "Ctrl+Space",
      "mcpServers": {
        "filesystem": {
          "command": "npx",
          "args": ["-y", "@modelcontextprotocol/server-filesystem", "/home/op/Documents"]
        },
        "sqlite": {
          "command": "uvx",
          "args": ["mcp-server-sqlite", "--db-path", "/home/op/test.db"],
          "env": { "UV_CACHE_DIR": "/home/op/.cache/uv" }
        }
      },
      "preferences": { "quickEntryShortcut": "off" }
    }
    """

  static let claudeCodeProject = """
    {
      "mcpServers": {
        "api": {
          "type": "http",
          "url": "${API_BASE_URL:-https://api.example}/mcp",
          "headers": { "Authorization": "Bearer ${API_KEY}" },
          "alwaysLoad": true
        },
        "events": { "type": "sse", "url": "https://events.example/stream" },
        "db": {
          "command": "npx",
          "args": ["-y", "@bytebase/dbhub", "--dsn", "${DSN:-sqlite:///tmp/x.db}"],
          "env": {}
        }
      }
    }
    """

  static let claudeCodeUser = """
    {
      "numStartups": 412,
      "installMethod": "unknown",
      "autoUpdates": true,
      "theme": "dark-daltonized",
      "tipsHistory": { "memory-command": 398 },
      "policies": null,
      "mcpServers": {
        "sentry": { "type": "http", "url": "https://mcp.sentry.example/mcp" },
        "github": {
          "type": "stdio", "command": "docker",
          "args": ["run", "-i", "--rm", "ghcr.io/github/github-mcp-server"],
          "env": { "GITHUB_TOKEN": "ghp_0123456789" }
        }
      },
      "projects": {
        "/home/op/shop/web": {
          "allowedTools": [],
          "history": [{ "display": "fix the \\"bug\\" in {x}", "pastedContents": {} }],
          "mcpServers": { "near": { "command": "near" } },
          "enabledMcpjsonServers": [],
          "hasTrustDialogAccepted": true
        },
        "/home/op/shop": { "mcpServers": { "above": { "command": "above" } } },
        "/home/op/shopping": { "mcpServers": { "beside": { "command": "beside" } } },
        "/home/op/shop/web/below": { "mcpServers": { "below": { "command": "below" } } }
      },
      "oauthAccount": { "emailAddress": "op@example" },
      "cachedChangelog": "## 2.0.1\\n- `}` no longer \\\\ breaks"
    }
    """

  static let vsCode = """
    // Servers of this workspace.
    {
      "inputs": [
        {
          "type": "promptString",
          "id": "perplexity-key",
          "description": "Perplexity API Key",
          "password": true,
        },
        { "type": "pickString", "id": "level", "options": ["low", "high"], "default": "low" },
      ],
      "servers": {
        /* A container. */
        "perplexity": {
          "type": "stdio",
          "command": "docker",
          "args": ["run", "-i", "--rm", "-v", "${workspaceFolder}:/mnt", "${input:level}"],
          "env": { "PERPLEXITY_API_KEY": "${input:perplexity-key}" },
          "envFile": "${workspaceFolder}/.env",
          "sandboxEnabled": true,
          "dev": { "watch": "src/**/*.ts" },
        },
        "docs": { "url": "https://docs.example/mcp", "headers": { "X-User": "${env:USER}" } },
        "local": { "type": "http", "url": "unix:///tmp/server.sock#/mcp" },
      },
    }
    """

  static let cursor = """
    {
      "mcpServers": {
        "linear": { "command": "npx", "args": ["-y", "mcp-remote", "https://mcp.linear.example/sse"] },
        "stripe": {
          "url": "https://mcp.stripe.example/sse",
          "headers": { "Authorization": "Bearer ${env:STRIPE_KEY}" }
        },
        "notes": { "command": "${userHome}/bin/notes", "envFile": ".env.notes" },
        "old": { "command": "old", "disabled": true }
      }
    }
    """

  static let fastMCP = """
    {
      "mcpServers": {
        "weather": {
          "url": "https://weather.example/mcp", "transport": "streamable-http", "timeout": 20000,
          "auth": "oauth"
        },
        "assistant": {
          "command": "python", "args": ["./assistant.py", "--verbose"],
          "env": { "LOG_LEVEL": "INFO" }, "cwd": "/srv/assistant", "keep_alive": true,
          "transport": "stdio", "x-team": 7
        }
      }
    }
    """

  static let fastMCPRoot = """
    {
      "weather": { "url": "https://weather.example/sse" },
      "assistant": { "command": "python", "args": ["./assistant.py"] }
    }
    """

  /// A server that FastMCP itself runs, which is none of ours.
  static let fastMCPProject = """
    {
      "$schema": "https://gofastmcp.example/public/schemas/fastmcp.json/v1.json",
      "source": { "type": "filesystem", "path": "server.py", "entrypoint": "mcp" },
      "environment": { "type": "uv", "dependencies": ["httpx"] },
      "deployment": { "transport": "http", "port": 8000 }
    }
    """

  /// All of them at once, where they usually are.
  static let everywhere = [
    "./.mcp.json": claudeCodeProject, "./.vscode/mcp.json": vsCode, "./.cursor/mcp.json": cursor,
    "./fastmcp.json": fastMCP, "/home/op/.claude.json": claudeCodeUser,
    "/home/op/.config/Claude/claude_desktop_config.json": claudeDesktop,
    "/home/op/shop/web/.env":
      "# made by hand\nexport A=1\nB=\"two words\"\n\nPERPLEXITY_API_KEY=no\n",
    "/home/op/shop/web/.env.notes": "NOTES='x=y'\n",
  ]

  static let environment = [
    "HOME": "/home/op", "API_KEY": "k1", "STRIPE_KEY": "k2", "USER": "op",
    "MCPDASH_INPUT_PERPLEXITY_KEY": "k3",
  ]
}
